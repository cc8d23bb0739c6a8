using System.Globalization;

namespace PluginHost.Benchmarks.Compare;

/// <summary>The median of values, and the lowest and the highest of them.</summary>
internal readonly record struct Spread(double Median, double Lowest, double Highest)
{
    public static Spread Of(IReadOnlyCollection<double> values) => new(Statistics.Median(values), values.Min(), values.Max());

    /// <summary>Writes a number with about three digits.</summary>
    public static string Format(double value) => value.ToString(
        Math.Abs(value) switch { >= 100 => "0", >= 10 => "0.#", >= 0.1 => "0.##", _ => "0.###" }, CultureInfo.InvariantCulture);

    public override string ToString() => $"{Format(Median)} ({Format(Lowest)} – {Format(Highest)})";
}
