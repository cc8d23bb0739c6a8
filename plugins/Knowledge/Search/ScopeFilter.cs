using System.Globalization;
using PluginHost.Knowledge.Storage;

namespace PluginHost.Knowledge.Search;

/// <summary>The scopes that a search may read, as SQL and as full text have them. Immutable.</summary>
internal sealed class ScopeFilter(IReadOnlyList<long> scopes)
{
    private readonly string _words = string.Join(" OR ", scopes.Select(s => $"\"{IndexSchema.WordOf(s)}\""));

    public bool IsEmpty => scopes.Count == 0;

    /// <summary>The ids with commas.</summary>
    public string Ids { get; } = string.Join(',', scopes.Select(s => s.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Limits a query of full text to the scopes.</summary>
    public string Limit(string query) => $"({query}) AND scope : ({_words})";
}
