namespace PluginHost.Benchmarks.Compare;

/// <summary>What a measurement has to reach.</summary>
/// <param name="Limit">The lowest or highest accepted value.</param>
/// <param name="IsLowest">True if lower values miss the target, false if higher values do.</param>
/// <param name="IsRatio">True if the ratio to the peer is compared with the limit, false if the value of the host is.</param>
internal sealed record Target(double Limit, bool IsLowest, bool IsRatio)
{
    public static Target RatioOfAtLeast(double limit) => new(limit, IsLowest: true, IsRatio: true);

    public static Target RatioOfAtMost(double limit) => new(limit, IsLowest: false, IsRatio: true);

    public static Target ValueOfAtLeast(double limit) => new(limit, IsLowest: true, IsRatio: false);

    public static Target ValueOfAtMost(double limit) => new(limit, IsLowest: false, IsRatio: false);

    /// <summary>How far a value has come: 1 and more meets the target.</summary>
    public double PartReached(double value) => IsLowest ? value / Limit : value > 0 ? Limit / value : double.PositiveInfinity;

    public override string ToString() => $"{(IsRatio ? "ratio" : "host")} {(IsLowest ? "≥" : "≤")} {Spread.Format(Limit)}";
}
