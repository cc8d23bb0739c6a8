namespace PluginHost.Benchmarks.Load;

/// <summary>The result of a load test.</summary>
/// <param name="Seconds">The duration of the measurement in seconds.</param>
/// <param name="Latencies">The latencies of successful requests in milliseconds, ascending.</param>
/// <param name="PerSecond">The number of successful requests that were answered in each second of the measurement.</param>
/// <param name="Errors">The number of failed requests for each error.</param>
internal sealed record LoadResult(double Seconds, double[] Latencies, int[] PerSecond, IReadOnlyDictionary<string, int> Errors)
{
    public double Rate => Latencies.Length / Seconds;

    public void Write(TextWriter output)
    {
        output.WriteLine($"requests/s  {Rate:0.0}");
        output.WriteLine($"requests    {Latencies.Length} in {Seconds:0.0} s");
        output.WriteLine($"each second {string.Join(' ', PerSecond)}");
        foreach (var percentile in (double[])[50, 90, 99, 99.9, 100]) output.WriteLine($"p{percentile,-10} {Percentile(percentile):0.00} ms");
        output.WriteLine($"errors      {Errors.Values.Sum()}");
        foreach (var (error, count) in Errors) output.WriteLine($"  {count} x {error}");
    }

    public double Percentile(double percentile) =>
        Latencies.Length == 0 ? double.NaN : Latencies[Math.Max(0, (int)Math.Ceiling(percentile / 100 * Latencies.Length) - 1)];
}
