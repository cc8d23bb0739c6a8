using System.ComponentModel;
using System.Text.Json;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Binding;
using PluginHost.Sdk;

namespace PluginHost.Native.Resources;

/// <summary>A session as the API returns it.</summary>
internal sealed record SessionResource(
    string Id,
    [property: AllowedText("session")] string Object,
    [property: Description("Rises by one with every save; the ETag.")] long Version,
    DateTime CreatedAt,
    DateTime UpdatedAt,
    IReadOnlyDictionary<string, string> Metadata)
{
    [Description("The plugins' state by scope; absent in lists.")]
    public IReadOnlyDictionary<string, JsonElement>? State { get; init; }

    [Description("The session's id at the model's service, when that holds the history.")]
    public string? ServiceSessionId { get; init; }

    [Description("The plugin that holds the messages; absent before the first run.")]
    public string? History { get; init; }

    [Description("Absent before the first run.")]
    public string? LastRunId { get; init; }

    public static SessionResource From(SessionRecord session) => Listed(session) with { State = session.State };

    public static SessionResource Listed(SessionRecord session) =>
        new(session.Key.Id, "session", session.Version, session.CreatedAt.UtcDateTime, session.UpdatedAt.UtcDateTime, session.Metadata)
        {
            ServiceSessionId = session.ServiceSessionId,
            History = session.History,
            LastRunId = session.LastRunId,
        };
}

/// <summary>What the deletion of a session removed.</summary>
internal sealed record DeletedSessionResource(
    string Id,
    [property: AllowedText("session.deleted")] string Object,
    bool Deleted,
    [property: Description("What each plugin removed.")] IReadOnlyList<RemovalResource> Removed)
{
    public static DeletedSessionResource From(string id, IReadOnlyList<Removal> removals) =>
        new(id, "session.deleted", true, [.. removals.Select(r => new RemovalResource(r.Plugin, r.Kind, r.Removed))]);
}

internal sealed record RemovalResource(string Plugin, string Kind, int Removed);
