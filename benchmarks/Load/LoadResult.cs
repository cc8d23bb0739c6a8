namespace PluginHost.Benchmarks.Load;

/// <summary>What was measured.</summary>
/// <param name="Seconds">How long.</param>
/// <param name="Latencies">Of the requests that were answered well, in milliseconds, ascending.</param>
/// <param name="Errors">How many were not, by what happened.</param>
internal sealed record LoadResult(double Seconds, double[] Latencies, IReadOnlyDictionary<string, int> Errors)
{
    public void Write(TextWriter output)
    {
        output.WriteLine($"requests/s  {Latencies.Length / Seconds:0.0}");
        output.WriteLine($"requests    {Latencies.Length} in {Seconds:0.0} s");
        foreach (var percentile in (double[])[50, 90, 99, 99.9, 100]) output.WriteLine($"p{percentile,-10} {Percentile(percentile):0.00} ms");
        output.WriteLine($"errors      {Errors.Values.Sum()}");
        foreach (var (what, count) in Errors) output.WriteLine($"  {count} x {what}");
    }

    private double Percentile(double percentile) =>
        Latencies.Length == 0 ? double.NaN : Latencies[Math.Max(0, (int)Math.Ceiling(percentile / 100 * Latencies.Length) - 1)];
}
