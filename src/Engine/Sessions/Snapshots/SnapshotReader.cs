using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Snapshots;

/// <summary>Reads the members of a snapshot document and gathers all that is wrong with them.</summary>
internal sealed class SnapshotReader(JsonObject document, SessionsConfiguration settings)
{
    private static readonly Dictionary<string, MessageOrigin> Parts =
        Enum.GetValues<MessageOrigin>().ToDictionary(Snapshot.NameOf, StringComparer.Ordinal);

    private const int MaxRoleLength = 64, MaxServiceIdLength = 512, MaxOtherBytes = 64 * 1024;

    private readonly List<ProblemError> _errors = [];

    public void ThrowIfBroken()
    {
        if (_errors.Count > 0) throw ProblemException.Invalid(_errors);
    }

    public void RequireConstant(string name, string value)
    {
        if (Text(document[name]) != value) _errors.Add(new(name, "is missing or something else", value));
    }

    public void RequireVersion(string name, int version)
    {
        if (document[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<int>(out var found) && found == version) return;
        _errors.Add(new(name, $"is {document[name]?.ToJsonString() ?? "missing"}, which this host cannot read", version.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    public string RequireId(string name)
    {
        var id = Text(document[name]);
        if (id is not null && SessionIds.IsValid(id)) return id;
        _errors.Add(new(name, "is not a session id", SessionIds.Allowed));
        return "";
    }

    public string? OptionalText(string name)
    {
        var node = document[name];
        if (node is not null && Text(node) is not { Length: > 0 and <= MaxServiceIdLength }) _errors.Add(new(name, "is not a text of 1 to 512 characters", "a string or null"));
        return Text(node);
    }

    public IReadOnlyDictionary<string, JsonElement> State(string name)
    {
        var read = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (scope, value) in Object(name) ?? [])
        {
            var path = $"{name}.{scope}";
            if (value is not JsonObject) _errors.Add(new(path, "is not an object", "an object with the plugin's state"));
            else if (Value(path, value, JsonDepth.MaxScope) is { } state) read[scope] = state;
        }

        return read;
    }

    public IReadOnlyDictionary<string, string> Metadata(string name)
    {
        if (Object(name) is not { } metadata) return ReadOnlyDictionary<string, string>.Empty;
        if (metadata.Count > MetadataLimits.MaxPairs) _errors.Add(new(name, $"has {metadata.Count} pairs", $"at most {MetadataLimits.MaxPairs}"));
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in metadata.Take(MetadataLimits.MaxPairs))
        {
            if (key.Length is 0 or > MetadataLimits.MaxKeyLength) _errors.Add(new(name, $"has a key of {key.Length} characters", $"1 to {MetadataLimits.MaxKeyLength} characters"));
            else if (Text(value) is not { } text) _errors.Add(new($"{name}.{key}", "is not a text", "a string"));
            else if (text.Length > MetadataLimits.MaxValueLength) _errors.Add(new($"{name}.{key}", $"has {text.Length} characters", $"at most {MetadataLimits.MaxValueLength} characters"));
            else read[key] = text;
        }

        return read;
    }

    /// <summary>The members that this version does not know. They count like state.</summary>
    public IReadOnlyDictionary<string, JsonElement> Extensions(IReadOnlySet<string> known)
    {
        var read = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, value) in document.Where(m => !known.Contains(m.Key)))
        {
            if (Value(name, value, JsonDepth.MaxValue) is { } extension) read[name] = extension;
        }

        var size = StateJson.SizeOf(read);
        if (size > settings.MaxStateBytes) _errors.Add(new("$", $"has {size} bytes in members that this host does not know", $"at most {settings.MaxStateBytes} (Sessions:MaxStateBytes)"));
        return read;
    }

    public IReadOnlyList<HistoryMessage> Messages(string name)
    {
        if (document[name] is null) return [];
        if (document[name] is not JsonArray array)
        {
            _errors.Add(new(name, "is not a list", "a list of messages"));
            return [];
        }

        if (array.Count > settings.MaxImportMessages)
        {
            _errors.Add(new(name, $"has {array.Count} messages", $"at most {settings.MaxImportMessages} (Sessions:MaxImportMessages)"));
            return [];
        }

        var messages = new List<HistoryMessage>(array.Count);
        for (var i = 0; i < array.Count; i++) Message($"{name}[{i}]", array[i] as JsonObject, messages);
        foreach (var twice in messages.GroupBy(m => m.Id).Where(g => g.Count() > 1))
            _errors.Add(new(name, $"has the id '{twice.Key}' {twice.Count()} times", "a different id for each message"));
        return messages;
    }

    private void Message(string path, JsonObject? json, List<HistoryMessage> messages)
    {
        var id = Text(json?["id"]);
        if (id is null || !SessionIds.IsValid(id)) _errors.Add(new($"{path}.id", "is not a message id", SessionIds.Allowed));
        if (!Parts.TryGetValue(Text(json?["part"]) ?? "", out var part))
            _errors.Add(new($"{path}.part", "is missing or unknown", "input, output or context"));
        if (json?["message"] is not { } node) _errors.Add(new($"{path}.message", "is missing", "a message"));
        else if (Message($"{path}.message", node) is { } message && id is not null)
            messages.Add(new HistoryMessage { Id = id, Origin = part, Message = message, Source = Text(json["source"]) });
    }

    /// <summary>Reads a message with the checks of a run's input; null when one fails.</summary>
    private ChatMessage? Message(string path, JsonNode json)
    {
        if (Read<ChatMessage>(json) is { } message && message.Contents.All(c => c is not null))
            return Check(path, message, JsonSerializer.SerializeToUtf8Bytes(json, JsonDepth.Stored).Length) is { } error && Add(error) ? null : message;
        AddWrongMessage(path, json as JsonObject);
        return null;
    }

    private void AddWrongMessage(string path, JsonObject? message)
    {
        const string Allowed = "a message as an export writes it";
        var wrong = new List<string>();
        if (message?["contents"] is JsonArray contents)
            wrong.AddRange(contents.Select((c, i) => (Path: $"{path}.contents[{i}]", IsRead: c is not null && Read<AIContent>(c) is not null)).Where(c => !c.IsRead).Select(c => c.Path));
        foreach (var place in wrong.DefaultIfEmpty(path)) _errors.Add(new(place, "is not part of a message", Allowed));
    }

    /// <summary>Null for whatever the platform does not read: its types refuse with exceptions of many kinds.</summary>
    private static T? Read<T>(JsonNode json)
        where T : class
    {
        try
        {
            return json.Deserialize<T>(JsonDepth.Stored);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or ArgumentException or FormatException or KeyNotFoundException)
        {
            return null;
        }
    }

    private ProblemError? Check(string path, ChatMessage message, int bytes)
    {
        var role = message.Role.Value;
        if (string.IsNullOrWhiteSpace(role) || role.Length > MaxRoleLength) return new($"{path}.role", $"has {role?.Length ?? 0} characters", $"1 to {MaxRoleLength} characters");
        if (message.Contents.Any(c => !IsWithinDepth(c))) return new($"{path}.contents", JsonDepth.TooDeep, JsonDepth.Allowed);
        if (MessageSize.Check(message, $"{path}.contents", settings) is { } tooLarge) return tooLarge;
        // Base64 and escapes take more space than their content.
        var limit = (2L * settings.MaxMessageBytes) + MaxOtherBytes;
        return bytes <= limit ? null : new(path, $"has {bytes} bytes of JSON", $"at most {limit} (from Sessions:MaxMessageBytes)");
    }

    private static bool IsWithinDepth(AIContent content) => content switch
    {
        FunctionCallContent call => call.Arguments?.Values.All(v => v is not JsonElement json || JsonDepth.IsWithin(json, JsonDepth.MaxValue - 1)) ?? true,
        FunctionResultContent { Result: JsonElement json } => JsonDepth.IsWithin(json),
        _ => true,
    };

    private bool Add(ProblemError error)
    {
        _errors.Add(error);
        return true;
    }

    private JsonElement? Value(string path, JsonNode? node, int levels)
    {
        var value = StateJson.Element(node);
        if (JsonDepth.IsWithin(value, levels)) return value;
        _errors.Add(new(path, JsonDepth.TooDeep, JsonDepth.Allowed));
        return null;
    }

    private JsonObject? Object(string name)
    {
        var node = document[name];
        if (node is not null and not JsonObject) _errors.Add(new(name, "is not an object", "an object"));
        return node as JsonObject;
    }

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
