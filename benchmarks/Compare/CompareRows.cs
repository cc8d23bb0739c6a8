using PluginHost.Benchmarks.OpenAI;

namespace PluginHost.Benchmarks.Compare;

/// <summary>All measurements of the command <c>compare</c>, with their targets.</summary>
internal static class CompareRows
{
    public static IReadOnlyList<CompareRow> All { get; } =
    [
        new("durable-100", new DurableRow(32, 100) { OfHot = 0.8, Cpu = 180, Kilobytes = 15 }.MeasureAsync),
        new("durable-1000", new DurableRow(32, 1_000) { OfHot = 0.8, Cpu = 180, Kilobytes = 15 }.MeasureAsync),
        new("durable-256", new DurableRow(256, 100).MeasureAsync),
        new("durable-4", new DurableRow(4, 100) { KilobytesOfPlain = 1 }.MeasureAsync),
        new("files", new FormsRow(HostForm.Sqlite, (HostForm.Files, 0.6)).MeasureAsync),
        // The form is a file, which is read when the row is measured.
        new("shipped", static (options, cancellationToken) => new FormsRow(HostForm.Sqlite, (HostForm.Shipped, 0.9)).MeasureAsync(options, cancellationToken)),
        new("telemetry", TelemetryRow.MeasureAsync),
        new("engine-10", EngineRow.Create(10, target: 0.5).MeasureAsync),
        new("engine-100", EngineRow.Create(100, target: 0.2).MeasureAsync),
        new("engine-1000", EngineRow.Create(1_000, target: 0.03).MeasureAsync),
        new("engine-streamed", EngineRow.CreateStreamed(10, chunks: 100, target: 0.6).MeasureAsync),
        new("native", new RequestRow(BenchmarkRequest.NativeRun, 0.7).MeasureAsync),
        new("chat", new RequestRow(BenchmarkRequest.Chat, 0.8).MeasureAsync),
        new("chat-streamed", new RequestRow(BenchmarkRequest.Streamed, 0.8).MeasureAsync),
        new("response", new RequestRow(BenchmarkRequest.Response, 0.6).MeasureAsync),
        new("response-unstored", new RequestRow(BenchmarkRequest.UnstoredResponse, 0.8).MeasureAsync),
        new("streams", StreamsRow.MeasureAsync),
        new("sessions", SessionsRow.MeasureAsync),
        new("deletions", StoreWorkRow.MeasureDeletionsAsync),
        new("backup", StoreWorkRow.MeasureBackupAsync),
        new("start", StartRow.MeasureAsync),
        new("warm-up", RampRow.MeasureAsync),
    ];
}
