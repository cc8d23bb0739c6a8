namespace PluginHost.Benchmarks.Compare;

/// <summary>One line of the results: the same measure of the host and a peer, a value for each turn.</summary>
/// <param name="Work">What was done.</param>
/// <param name="Measure">What was measured, with its unit.</param>
/// <param name="Peer">What the host is compared with. Empty if there is no peer.</param>
/// <param name="Host">The values of the host.</param>
/// <param name="Other">The values of the peer in the same turns. Empty if there is no peer.</param>
/// <param name="Target">Null if there is no target.</param>
internal sealed record Comparison(string Work, string Measure, string Peer, IReadOnlyList<double> Host, IReadOnlyList<double> Other, Target? Target = null)
{
    /// <summary>Null if there is no peer.</summary>
    public Spread? Ratio => Other.Count == 0 ? null : Spread.Of([.. Host.Zip(Other, static (host, other) => host / other)]);

    /// <summary>What the target is compared with.</summary>
    public Spread Judged => Target is not { IsRatio: true } ? Spread.Of(Host) : Ratio ?? throw new InvalidOperationException($"'{Work}' has a ratio as its target, and no peer.");

    /// <summary>How far the median has come to the target: 1 and more meets it. Null if there is no target.</summary>
    public double? PartReached => Target?.PartReached(Judged.Median);

    /// <summary>Compares a measure of turns.</summary>
    public static Comparison Of<T>(string work, string measure, string peer, IEnumerable<T> host, IEnumerable<T> other, Func<T, double> select, Target? target = null) =>
        new(work, measure, peer, [.. host.Select(select)], [.. other.Select(select)], target);

    /// <summary>Compares two measures of the same turns.</summary>
    public static Comparison Of<T>(string work, string measure, string peer, IReadOnlyList<T> turns, Func<T, double> select, Func<T, double> selectOther, Target? target = null) =>
        new(work, measure, peer, [.. turns.Select(select)], [.. turns.Select(selectOther)], target);
}
