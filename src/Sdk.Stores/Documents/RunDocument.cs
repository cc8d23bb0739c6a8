using System.Collections.ObjectModel;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>The document of a run's record.</summary>
internal static class RunDocument
{
    private static readonly MemberNames Names = new(
        "id", "session", "agent", "status", "createdAt", "completedAt", "attempt", "output", "usage", "finishReason", "error", "skipped", "failures",
        "traceId", "idempotencyKey", "requestHash", "metadata", "details", "outline", "context")
    {
        IsDocument = true,
    };

    public static void Write(Utf8JsonWriter json, RunRecord run)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, run.Id);
        json.WritePropertyName("session"u8);
        SessionDocument.WriteKey(json, run.Session);
        json.WriteString("agent"u8, run.Agent);
        json.WriteString("status"u8, ToName(run.Status));
        json.WriteString("createdAt"u8, run.CreatedAt);
        if (run.CompletedAt is { } completedAt) json.WriteString("completedAt"u8, completedAt);
        json.WriteNumber("attempt"u8, run.Attempt);
        WriteOutput(json, run);
        json.WriteOptional("finishReason"u8, run.FinishReason);
        if (run.Error is { } error) RunErrorDocument.Write(json, error);
        WriteFailures(json, run);
        json.WriteOptional("traceId"u8, run.TraceId);
        json.WriteOptional("idempotencyKey"u8, run.IdempotencyKey);
        json.WriteOptional("requestHash"u8, run.RequestHash);
        json.WriteMap("metadata"u8, run.Metadata);
        if (run.Details is { } details)
        {
            json.WritePropertyName("details"u8);
            details.WriteTo(json);
        }

        if (run.Outline is { } outline)
        {
            json.WritePropertyName("outline"u8);
            outline.WriteTo(json);
        }

        if (run.Context is { } context) RunContextUseDocument.Write(json, context);
        run.Unknown?.WriteTo(json);
        json.WriteEndObject();
    }

    public static RunRecord Read(ref Utf8JsonReader json) => Read(ref json, withOutput: true);

    public static RunRecord ReadWithoutOutput(ref Utf8JsonReader json) => Read(ref json, withOutput: false);

    private static RunRecord Read(ref Utf8JsonReader json, bool withOutput)
    {
        MemberNames.Begin(ref json);
        string? id = null, agent = null, finishReason = null, traceId = null, idempotencyKey = null, requestHash = null;
        SessionKey? session = null;
        RunStatus? status = null;
        DateTimeOffset? createdAt = null, completedAt = null;
        var attempt = 1;
        IReadOnlyList<ChatMessage> output = [];
        UsageDetails? usage = null;
        RunError? error = null;
        IReadOnlyList<string> skipped = [];
        IReadOnlyList<PluginFailure> failures = [];
        IReadOnlyDictionary<string, string> metadata = ReadOnlyDictionary<string, string>.Empty;
        JsonElement? details = null, outline = null;
        RunContextUse? context = null;
        UnknownMembers? unknown = null;
        while (Names.Next(ref json, ref unknown) is { } name)
        {
            switch (name)
            {
                case "id": id = json.GetString(); break;
                case "session": session = SessionDocument.ReadKey(ref json); break;
                case "agent": agent = json.GetString(); break;
                case "status": status = ToStatus(json.GetString()); break;
                case "createdAt": createdAt = json.GetDateTimeOffset(); break;
                case "completedAt": completedAt = json.TokenType == JsonTokenType.Null ? null : json.GetDateTimeOffset(); break;
                case "attempt": attempt = json.GetInt32(); break;
                case "output" when !withOutput: json.Skip(); break;
                case "output": output = Document.ReadArray(ref json, ChatJson.ReadMessage); break;
                case "usage": usage = JsonSerializer.Deserialize(ref json, ChatJson.Usage); break;
                case "finishReason": finishReason = json.GetString(); break;
                case "error": error = json.TokenType == JsonTokenType.Null ? null : RunErrorDocument.Read(ref json); break;
                case "skipped": skipped = Document.ReadArray(ref json, Document.ReadText); break;
                case "failures": failures = Document.ReadArray(ref json, RunErrorDocument.ReadFailure); break;
                case "traceId": traceId = json.GetString(); break;
                case "idempotencyKey": idempotencyKey = json.GetString(); break;
                case "requestHash": requestHash = json.GetString(); break;
                case "metadata": metadata = Document.ReadMap(ref json, Document.ReadText); break;
                case "details": details = json.TokenType == JsonTokenType.Null ? null : Document.ReadJson(ref json); break;
                case "context": context = json.TokenType == JsonTokenType.Null ? null : RunContextUseDocument.Read(ref json); break;
                case "outline": outline = json.TokenType == JsonTokenType.Null ? null : Document.ReadJson(ref json); break;
            }
        }

        return new RunRecord
        {
            Id = Document.Require(id, "id"),
            Session = Document.Require(session, "session"),
            Agent = Document.Require(agent, "agent"),
            Status = Document.Require(status, "status"),
            CreatedAt = Document.Require(createdAt, "createdAt"),
            CompletedAt = completedAt,
            Attempt = attempt,
            Output = output,
            Usage = usage,
            FinishReason = finishReason,
            Error = error,
            Skipped = skipped,
            Failures = failures,
            TraceId = traceId,
            IdempotencyKey = idempotencyKey,
            RequestHash = requestHash,
            Metadata = metadata,
            Details = details,
            Outline = outline,
            Context = context,
            Unknown = unknown,
        };
    }

    private static void WriteOutput(Utf8JsonWriter json, RunRecord run)
    {
        if (run.Output.Count > 0)
        {
            json.WriteStartArray("output"u8);
            for (var i = 0; i < run.Output.Count; i++) JsonSerializer.Serialize(json, run.Output[i], ChatJson.Message);
            json.WriteEndArray();
        }

        if (run.Usage is null) return;
        json.WritePropertyName("usage"u8);
        JsonSerializer.Serialize(json, run.Usage, ChatJson.Usage);
    }

    private static void WriteFailures(Utf8JsonWriter json, RunRecord run)
    {
        if (run.Skipped.Count > 0)
        {
            json.WriteStartArray("skipped"u8);
            foreach (var plugin in run.Skipped) json.WriteStringValue(plugin);
            json.WriteEndArray();
        }

        if (run.Failures.Count == 0) return;
        json.WriteStartArray("failures"u8);
        foreach (var failure in run.Failures) RunErrorDocument.WriteFailure(json, failure);
        json.WriteEndArray();
    }

    private static string ToName(RunStatus status) => status switch
    {
        RunStatus.Queued => "queued",
        RunStatus.Running => "running",
        RunStatus.Failed => "failed",
        RunStatus.Cancelled => "cancelled",
        RunStatus.RequiresAction => "requires_action",
        _ => "completed",
    };

    private static RunStatus ToStatus(string? name) => name switch
    {
        "queued" => RunStatus.Queued,
        "running" => RunStatus.Running,
        "completed" => RunStatus.Completed,
        "failed" => RunStatus.Failed,
        "cancelled" => RunStatus.Cancelled,
        "requires_action" => RunStatus.RequiresAction,
        _ => throw new JsonException($"Unknown status '{name}'."),
    };
}
