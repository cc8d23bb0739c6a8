using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Journal;

/// <summary>The documents of journal entries: UTF-8 JSON, with the kind first.</summary>
internal static class JournalDocument
{
    /// <exception cref="NotSupportedException">The entry holds an object that cannot be written as JSON.</exception>
    public static ReadOnlyMemory<byte> Write(JournalEntry entry) => Document.Write(entry, static (json, e) =>
    {
        json.WriteStartObject();
        WriteMembers(json, e);
        json.WriteEndObject();
    });

    /// <exception cref="JournalException">The step cannot be read, or is of a kind that this version does not know.</exception>
    public static JournalEntry Read(JournalStep step)
    {
        try
        {
            using var document = JsonDocument.Parse(step.Document, new JsonDocumentOptions { MaxDepth = Document.MaxDepth + 10 });
            return Read(document.RootElement);
        }
        catch (JournalException e)
        {
            throw new JournalException($"Step {step.Position} of the journal {e.Message}", e);
        }
        catch (Exception e)
        {
            // Whatever a document makes a reader throw, it must not end the recovery of the run without an outcome.
            throw new JournalException($"Step {step.Position} of the journal cannot be read.", e);
        }
    }

    public static void WriteUpdates(Utf8JsonWriter json, IReadOnlyList<ChatResponseUpdate> updates)
    {
        json.WriteStartArray("updates"u8);
        for (var i = 0; i < updates.Count; i++) UpdateJson.Write(json, updates[i]);
        json.WriteEndArray();
    }

    private static void WriteMembers(Utf8JsonWriter json, JournalEntry entry)
    {
        switch (entry)
        {
            case JournalEntry.Command command:
                json.WriteString("kind"u8, "command"u8);
                json.WritePropertyName("command"u8);
                CommandDocument.Write(json, command.Value);
                break;
            case JournalEntry.Attempt attempt:
                json.WriteString("kind"u8, "attempt"u8);
                json.WriteNumber("number"u8, attempt.Number);
                json.WriteOptional("traceParent"u8, attempt.TraceParent);
                break;
            case JournalEntry.Answer answer:
                json.WriteString("kind"u8, "answer"u8);
                json.WriteNumber("number"u8, answer.Number);
                WriteUpdates(json, answer.Updates);
                break;
            case JournalEntry.Call call:
                json.WriteString("kind"u8, "call"u8);
                WritePlace(json, call.Place);
                json.WriteString("id"u8, call.Id);
                json.WriteString("tool"u8, call.Tool);
                break;
            case JournalEntry.Result result:
                json.WriteString("kind"u8, "result"u8);
                WritePlace(json, result.Place);
                if (result.HasFailed) json.WriteBoolean("failed"u8, true);
                json.WritePropertyName("result"u8);
                JsonSerializer.Serialize(json, result.Value, ChatJson.Content);
                break;
            case JournalEntry.Output output:
                json.WriteString("kind"u8, "output"u8);
                json.WriteNumber("first"u8, output.First);
                WriteUpdates(json, output.Updates);
                break;
            case JournalEntry.Input input:
                json.WriteString("kind"u8, "input"u8);
                WriteInput(json, input.Value);
                break;
            case JournalEntry.Decision decision:
                json.WriteString("kind"u8, "decision"u8);
                json.WriteString("approval"u8, decision.Approval);
                json.WriteBoolean("approved"u8, decision.IsApproved);
                json.WriteOptional("reason"u8, decision.Reason);
                break;
            case JournalEntry.Cancelled:
                json.WriteString("kind"u8, "cancelled"u8);
                break;
            case JournalEntry.Incomplete:
                json.WriteString("kind"u8, "incomplete"u8);
                break;
            case JournalEntry.Left:
                json.WriteString("kind"u8, "left"u8);
                break;
            default:
                throw new NotSupportedException($"{entry.GetType().Name} has no document.");
        }
    }

    private static JournalEntry Read(JsonElement json) => json.GetProperty("kind"u8).GetString() switch
    {
        "command" => new JournalEntry.Command(CommandDocument.Read(json.GetProperty("command"u8))),
        "attempt" => new JournalEntry.Attempt(json.GetProperty("number"u8).GetInt32(), json.TryGetProperty("traceParent"u8, out var trace) ? trace.GetString() : null),
        "answer" => new JournalEntry.Answer(json.GetProperty("number"u8).GetInt32(), ReadUpdates(json)),
        "call" => new JournalEntry.Call(ReadPlace(json), json.GetProperty("id"u8).GetString()!, json.GetProperty("tool"u8).GetString()!),
        "result" => new JournalEntry.Result(ReadPlace(json), ReadResult(json.GetProperty("result"u8)), json.TryGetProperty("failed"u8, out _)),
        "output" => new JournalEntry.Output(json.GetProperty("first"u8).GetInt32(), ReadUpdates(json)),
        "input" => new JournalEntry.Input(ReadInput(json)),
        "decision" => new JournalEntry.Decision(json.GetProperty("approval"u8).GetString()!, json.GetProperty("approved"u8).GetBoolean(), json.TryGetProperty("reason"u8, out var reason) ? reason.GetString() : null),
        "cancelled" => new JournalEntry.Cancelled(),
        "incomplete" => new JournalEntry.Incomplete(),
        "left" => new JournalEntry.Left(),
        var kind => throw new JournalException($"has the kind '{kind}', which this version of the host does not know."),
    };

    private static void WriteInput(Utf8JsonWriter json, RunInput input)
    {
        json.WriteNumber("first"u8, input.First);
        json.WriteOptional("idempotencyKey"u8, input.IdempotencyKey);
        json.WriteOptional("requestHash"u8, input.RequestHash);
        json.WriteStartArray("messages"u8);
        for (var i = 0; i < input.Messages.Count; i++) JsonSerializer.Serialize(json, input.Messages[i], ChatJson.Message);
        json.WriteEndArray();
    }

    private static RunInput ReadInput(JsonElement json) =>
        new([.. json.GetProperty("messages"u8).EnumerateArray().Select(m => m.Deserialize(ChatJson.Message) ?? throw new JsonException("Expected message, got null."))])
        {
            First = json.GetProperty("first"u8).GetInt32(),
            IdempotencyKey = json.TryGetProperty("idempotencyKey"u8, out var key) ? key.GetString() : null,
            RequestHash = json.TryGetProperty("requestHash"u8, out var hash) ? hash.GetString() : null,
        };

    private static void WritePlace(Utf8JsonWriter json, CallPlace place)
    {
        json.WriteNumber("answer"u8, place.Answer);
        json.WriteNumber("index"u8, place.Index);
    }

    private static CallPlace ReadPlace(JsonElement json) => new(json.GetProperty("answer"u8).GetInt32(), json.GetProperty("index"u8).GetInt32());

    private static List<ChatResponseUpdate> ReadUpdates(JsonElement json) => [.. json.GetProperty("updates"u8).EnumerateArray().Select(UpdateJson.Read)];

    private static FunctionResultContent ReadResult(JsonElement json) => json.Deserialize(ChatJson.Content) is FunctionResultContent result
        ? new FunctionResultContent(result.CallId, ToolResult.From(result.Result)) { AdditionalProperties = result.AdditionalProperties }
        : throw new JsonException("Expected result of a function.");
}
