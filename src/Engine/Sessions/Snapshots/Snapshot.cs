using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Snapshots;

/// <summary>
/// A session as a document that another host can restore. It holds messages in the JSON form of Microsoft.Extensions.AI, which
/// loses nothing. Members that this version does not know are kept.
/// </summary>
internal static class Snapshot
{
    /// <summary>The version that is written, and the only one that is read.</summary>
    public const int Version = 1;

    private static readonly HashSet<string> Known = ["type", "version", "session_id", "service_session_id", "service_client", "state", "metadata", "messages", "trace_parent"];

    public static JsonObject Write(SessionRecord session, IReadOnlyList<HistoryMessage>? messages)
    {
        var document = new JsonObject
        {
            ["type"] = "session",
            ["version"] = Version,
            ["session_id"] = session.Key.Id,
            ["service_session_id"] = session.ServiceSessionId,
            ["state"] = new JsonObject(session.State.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)JsonObject.Create(s.Value)))),
        };
        if (session.ServiceClient is { } client) document["service_client"] = client;
        if (session.LastTraceParent is { } trace) document["trace_parent"] = trace;
        if (session.Metadata.Count > 0)
            document["metadata"] = new JsonObject(session.Metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)JsonValue.Create(m.Value))));
        foreach (var (name, value) in session.Extensions) document[name] = JsonNode.Parse(value.GetRawText(), documentOptions: JsonDepth.Documents);
        if (messages is not null) document["messages"] = new JsonArray([.. messages.Select(WriteMessage)]);
        return document;
    }

    /// <summary>Reads a document completely before anything is done with it.</summary>
    /// <exception cref="ProblemException">400, with all that is wrong.</exception>
    public static (SessionRecord Session, IReadOnlyList<HistoryMessage> Messages) Read(
        string tenant, JsonObject document, DateTimeOffset now, SessionsConfiguration settings)
    {
        var reader = new SnapshotReader(document, settings);
        reader.RequireConstant("type", "session");
        reader.RequireVersion("version", Version);
        var id = reader.RequireId("session_id");
        var record = new SessionRecord
        {
            Key = new(tenant, id),
            Version = 1,
            CreatedAt = now,
            UpdatedAt = now,
            ServiceSessionId = reader.OptionalText("service_session_id"),
            ServiceClient = reader.OptionalText("service_client"),
            LastTraceParent = reader.OptionalText("trace_parent"),
            State = reader.State("state"),
            Metadata = reader.Metadata("metadata"),
            Extensions = reader.Extensions(Known),
        };
        var messages = reader.Messages("messages");
        reader.ThrowIfBroken();
        return (record, messages);
    }

    public static string NameOf(MessageOrigin part) => JsonNamingPolicy.SnakeCaseLower.ConvertName(part.ToString());

    private static JsonNode WriteMessage(HistoryMessage message)
    {
        var json = new JsonObject
        {
            ["id"] = message.Id,
            ["part"] = NameOf(message.Origin),
            ["message"] = JsonSerializer.SerializeToNode(message.Message, JsonDepth.Stored),
        };
        if (message.Source is not null) json["source"] = message.Source;
        return json;
    }
}
