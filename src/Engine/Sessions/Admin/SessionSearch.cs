using System.Collections.ObjectModel;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Admin;

/// <summary>Which sessions of a tenant to list. A session must meet all conditions.</summary>
/// <param name="Query">The page.</param>
internal sealed record SessionSearch(SessionQuery Query)
{
    /// <summary>Whether the order is that of the last save, not that of creation.</summary>
    public bool ByActivity { get; init; }

    /// <summary>How the id begins; null for any.</summary>
    public string? IdPrefix { get; init; }

    /// <summary>The agent of the last run; null for any.</summary>
    public string? Agent { get; init; }

    /// <summary>Pairs that the metadata has.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    public bool HasConditions => IdPrefix is not null || Agent is not null || Metadata.Count > 0;

    /// <summary>Whether a record meets the conditions, apart from the agent.</summary>
    public bool Matches(SessionRecord session) =>
        (IdPrefix is null || session.Key.Id.StartsWith(IdPrefix, StringComparison.Ordinal))
        && Metadata.All(m => session.Metadata.TryGetValue(m.Key, out var value) && value == m.Value);
}

/// <summary>A page of sessions.</summary>
/// <param name="Items">The sessions.</param>
/// <param name="Next">The id after which to continue; null when there are no more. A page may be empty and more follow.</param>
internal sealed record FoundSessions(IReadOnlyList<SessionRecord> Items, string? Next);
