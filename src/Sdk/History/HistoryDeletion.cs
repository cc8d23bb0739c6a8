namespace PluginHost.Sdk;

/// <summary>What to remove from a session's history. Immutable.</summary>
public sealed record HistoryDeletion
{
    /// <summary>The session.</summary>
    public required SessionKey Session { get; init; }

    /// <summary>The messages; null for all messages of the session. Unknown ids are skipped.</summary>
    public IReadOnlyList<string>? MessageIds { get; init; }
}
