using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace PluginHost.Budget.Limits;

/// <summary>Finds the price of a model. Thread-safe.</summary>
internal sealed partial class PriceList(IReadOnlyDictionary<string, PriceOptions>? prices)
{
    private readonly ConcurrentDictionary<string, PriceOptions?> _found = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, PriceOptions>> All => prices ?? Enumerable.Empty<KeyValuePair<string, PriceOptions>>();

    /// <summary>The price of the model, or of the longest name that the model is a version of; null when there is none.</summary>
    public PriceOptions? Find(string? model)
    {
        if (prices is null || model is null) return null;
        if (_found.TryGetValue(model, out var known)) return known;
        var best = prices.Where(p => Covers(p.Key, model)).OrderByDescending(p => p.Key.Length).FirstOrDefault().Value;

        // Plugins may ask for any name, so only names with a price are kept.
        return best is null ? null : _found.Count < 1000 ? _found.GetOrAdd(model, best) : best;
    }

    private static bool Covers(string name, string model) =>
        model.StartsWith(name, StringComparison.OrdinalIgnoreCase) && (model.Length == name.Length || Version().IsMatch(model.AsSpan(name.Length)));

    // A date, or the latest one. Another word is another model with another price.
    [GeneratedRegex(@"\A[-:@](latest|[0-9]{4}[0-9-]*)\z")]
    private static partial Regex Version();
}
