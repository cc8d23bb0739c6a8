namespace PluginHost.Benchmarks;

internal static class Statistics
{
    public static double Median(IEnumerable<double> values) => Quantile(values, 0.5);

    /// <summary>Returns the value at a position of the sorted values, from 0 (the smallest) to below 1.</summary>
    public static double Quantile(IEnumerable<double> values, double position)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(int)(sorted.Length * position)];
    }
}
