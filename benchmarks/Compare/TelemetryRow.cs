using PluginHost.Benchmarks.Telemetry;

namespace PluginHost.Benchmarks.Compare;

/// <summary>What telemetry takes of durable runs: kept traces, and the export to a collector in another process.</summary>
internal static class TelemetryRow
{
    public static async Task<IReadOnlyList<Comparison>> MeasureAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        await using var sink = await CollectorSink.StartAsync();
        var row = new FormsRow(
            HostForm.Sqlite with { Name = "no telemetry", Variables = [("Telemetry__KeptTraces", "0")] },
            (HostForm.Sqlite with { Name = "kept traces" }, 0.98),
            (HostForm.Sqlite with { Name = "exported by OTLP", Variables = sink.Variables }, 0.95));
        return await row.MeasureAsync(options, cancellationToken);
    }
}
