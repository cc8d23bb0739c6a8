using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Snapshots;

/// <summary>Reads the members of a snapshot document and gathers all that is wrong with them.</summary>
internal sealed class SnapshotReader(JsonObject document)
{
    private static readonly Dictionary<string, MessagePart> Parts =
        Enum.GetValues<MessagePart>().ToDictionary(Snapshot.NameOf, StringComparer.Ordinal);

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
        if (node is not null && Text(node) is null) _errors.Add(new(name, "is not a text", "a string or null"));
        return Text(node);
    }

    public IReadOnlyDictionary<string, JsonElement> State(string name)
    {
        if (Object(name) is not { } state) return ReadOnlyDictionary<string, JsonElement>.Empty;
        foreach (var (scope, value) in state.Where(s => s.Value is not JsonObject))
            _errors.Add(new($"{name}.{scope}", "is not an object", "an object with the plugin's state"));
        return state.Where(s => s.Value is JsonObject).ToDictionary(s => s.Key, s => StateJson.Element(s.Value!));
    }

    public IReadOnlyDictionary<string, string> Metadata(string name)
    {
        if (Object(name) is not { } metadata) return ReadOnlyDictionary<string, string>.Empty;
        foreach (var (key, _) in metadata.Where(m => Text(m.Value) is null)) _errors.Add(new($"{name}.{key}", "is not a text", "a string"));
        return metadata.Where(m => Text(m.Value) is not null).ToDictionary(m => m.Key, m => Text(m.Value)!);
    }

    public IReadOnlyList<HistoryMessage> Messages(string name)
    {
        if (document[name] is null) return [];
        if (document[name] is not JsonArray array)
        {
            _errors.Add(new(name, "is not a list", "a list of messages"));
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
        if (json?["message"] is not JsonObject content) _errors.Add(new($"{path}.message", "is missing", "a message"));
        else if (Read<ChatMessage>(content) is not { } message || message.Contents.Any(c => c is null)) AddWrongMessage($"{path}.message", content);
        else if (id is not null) messages.Add(new HistoryMessage(id, part, message) { Source = Text(json["source"]) });
    }

    private void AddWrongMessage(string path, JsonObject message)
    {
        const string Allowed = "a message as an export writes it";
        var wrong = new List<string>();
        if (message["contents"] is JsonArray contents)
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

    private JsonObject? Object(string name)
    {
        var node = document[name];
        if (node is not null and not JsonObject) _errors.Add(new(name, "is not an object", "an object"));
        return node as JsonObject;
    }

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
