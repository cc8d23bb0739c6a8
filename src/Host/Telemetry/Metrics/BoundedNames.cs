using System.Collections.Concurrent;

namespace PluginHost.Telemetry.Metrics;

/// <summary>Keeps the number of values of a metric's attribute bounded. Thread-safe.</summary>
/// <param name="limit">How many different names there may be.</param>
internal sealed class BoundedNames(int limit)
{
    /// <summary>What the names beyond the limit are counted as.</summary>
    public const string Other = "_OTHER";

    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

    public string Clamp(string name)
    {
        if (_names.TryGetValue(name, out var known)) return known;
        return _names.Count < limit ? _names.GetOrAdd(name, name) : Other;
    }
}
