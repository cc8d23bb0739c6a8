using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Journal;

/// <summary>The JSON of a command, with everything that a later process needs to run it. Only runs that are stored have one.</summary>
internal static class CommandDocument
{
    /// <summary>The command without its input, for the replay of its run.</summary>
    public static JsonElement WriteWithoutInput(RunCommand command)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, CompactJson.Options)) Write(json, command with { Input = [] });
        return JsonElement.Parse(buffer.ToArray());
    }

    public static void Write(Utf8JsonWriter json, RunCommand command)
    {
        json.WriteStartObject();
        json.WriteString("tenant"u8, command.Tenant);
        json.WriteOptional("session"u8, command.SessionId);
        json.WriteOptional("agent"u8, command.Agent);
        WriteMessages(json, "input"u8, command.Input);
        if (command.Options is not null) WriteOptions(json, command.Options);
        if (command.CallerTools.Count > 0) WriteTools(json, command.CallerTools);
        json.WriteMap("metadata"u8, command.Metadata);
        json.WriteOptional("user"u8, command.User);
        WriteFlags(json, command);
        json.WriteOptional("busy"u8, command.Busy?.ToString());
        json.WriteOptional("instructions"u8, command.Instructions);
        if (command.SentInstructions is { } sent) WriteMessages(json, "sentInstructions"u8, sent.Messages);
        json.WriteOptional("afterRun"u8, command.AfterRun);
        json.WriteString("runIdPrefix"u8, command.RunIdPrefix);
        json.WriteString("sessionIdPrefix"u8, command.SessionIdPrefix);
        if (command.Details is { } details)
        {
            json.WritePropertyName("details"u8);
            details.WriteTo(json);
        }

        json.WriteOptional("idempotencyKey"u8, command.IdempotencyKey);
        json.WriteOptional("requestHash"u8, command.RequestHash);
        json.WriteEndObject();
    }

    public static RunCommand Read(JsonElement json) => new()
    {
        Tenant = Text(json, "tenant") ?? throw new JsonException("'tenant' is missing."),
        SessionId = Text(json, "session"),
        Agent = Text(json, "agent"),
        Input = ReadMessages(json.GetProperty("input")),
        Options = json.TryGetProperty("options", out var options) ? ReadOptions(json, options) : null,
        CallerTools = json.TryGetProperty("tools", out var tools) ? [.. tools.EnumerateArray().Select(StoredTool.Read)] : [],
        Metadata = json.TryGetProperty("metadata", out var metadata)
            ? metadata.EnumerateObject().ToDictionary(m => m.Name, m => m.Value.GetString()!, StringComparer.Ordinal).AsReadOnly()
            : System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty,
        User = Text(json, "user"),
        CreateSession = Flag(json, "createSession"),
        Background = Flag(json, "background"),
        Streamed = Flag(json, "streamed"),
        RequireToolResults = Flag(json, "requireToolResults"),
        AcceptDiverged = Flag(json, "acceptDiverged"),
        IsTranscript = Flag(json, "transcript"),
        Busy = Text(json, "busy") is { } busy ? ReadBusy(busy) : null,
        CanPark = !Flag(json, "cannotPark"),
        Instructions = Text(json, "instructions"),
        SentInstructions = json.TryGetProperty("sentInstructions", out var sent) ? new SentInstructions(ReadMessages(sent)) : null,
        AfterRun = Text(json, "afterRun"),
        RunIdPrefix = Text(json, "runIdPrefix")!,
        SessionIdPrefix = Text(json, "sessionIdPrefix")!,
        Details = json.TryGetProperty("details", out var details) ? details.Clone() : null,
        IdempotencyKey = Text(json, "idempotencyKey"),
        RequestHash = Text(json, "requestHash"),
    };

    private static void WriteFlags(Utf8JsonWriter json, RunCommand command)
    {
        WriteFlag("createSession", command.CreateSession);
        WriteFlag("background", command.Background);
        WriteFlag("streamed", command.Streamed);
        WriteFlag("requireToolResults", command.RequireToolResults);
        WriteFlag("acceptDiverged", command.AcceptDiverged);
        WriteFlag("transcript", command.IsTranscript);
        WriteFlag("cannotPark", !command.CanPark);

        void WriteFlag(string name, bool value)
        {
            if (value) json.WriteBoolean(name, true);
        }
    }

    private static BusyPolicy ReadBusy(string text) => Enum.TryParse<BusyPolicy>(text, out var busy) ? busy : throw new JsonException($"'{text}' is no policy of busy sessions.");

    private static void WriteMessages(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<ChatMessage> messages)
    {
        json.WriteStartArray(name);
        for (var i = 0; i < messages.Count; i++) JsonSerializer.Serialize(json, messages[i], ChatJson.Message);
        json.WriteEndArray();
    }

    /// <summary>What the caller sent is an object of the host's own among the additional properties, and gets a member.</summary>
    private static void WriteOptions(Utf8JsonWriter json, ChatOptions options)
    {
        var copy = options.Clone();
        copy.Tools = null;
        var sent = SentParameters.Find(copy);
        if (sent is not null) SentParameters.RemoveFrom(copy);
        json.WritePropertyName("options"u8);
        JsonSerializer.Serialize(json, copy, ChatJson.ChatOptions);
        if (sent is not null) json.WriteMap("parameters"u8, sent.Values);
    }

    private static ChatOptions ReadOptions(JsonElement json, JsonElement written)
    {
        var options = written.Deserialize(ChatJson.ChatOptions) ?? throw new JsonException("Expected options, got null.");
        return json.TryGetProperty("parameters", out var sent)
            ? SentParameters.Add(options, sent.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.Clone(), StringComparer.Ordinal))
            : options;
    }

    private static void WriteTools(Utf8JsonWriter json, IReadOnlyList<AITool> tools)
    {
        json.WriteStartArray("tools"u8);
        for (var i = 0; i < tools.Count; i++) StoredTool.Write(json, tools[i]);
        json.WriteEndArray();
    }

    private static List<ChatMessage> ReadMessages(JsonElement json) =>
        [.. json.EnumerateArray().Select(m => m.Deserialize(ChatJson.Message) ?? throw new JsonException("Expected message, got null."))];

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static bool Flag(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.GetBoolean();
}
