namespace PluginHost.Benchmarks.Compare;

/// <summary>A measurement with its peer.</summary>
/// <param name="Name">The name for <c>--only</c>.</param>
/// <param name="MeasureAsync">Measures. An exception means that it could not.</param>
internal sealed record CompareRow(string Name, Func<CompareOptions, CancellationToken, Task<IReadOnlyList<Comparison>>> MeasureAsync);
