using System.Net;
using System.Net.Http.Json;
using PluginHost.Testing;

namespace PluginHost.EndToEnd;

/// <summary>What telemetry has of runs that a full disk ends, for a shipped store on a real disk.</summary>
public sealed class FullDiskAlertTests
{
    [LinuxTheory]
    [InlineData("sqlite", "sqlite-sessions")]
    [InlineData("files", "file-sessions")]
    public async Task A_streamed_run_that_a_full_disk_ends_is_a_failure_of_the_store(string store, string plugin)
    {
        await using var collector = await OtlpReceiver.StartAsync();
        using var folder = Configurations.CreateFolder(store);
        using var disk = new SmallDisk(folder["data"]);
        await using var host = await RunningHost.StartAsync(
            folder, ["env", "--ignore-signal=XFSZ"], ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.GrpcEndpoint));
        await host.Api.RunAsync("ada", new string('x', 100_000));
        disk.Fill(host);

        // The first ones may fit.
        for (var i = 0; await StreamAsync(host) != HttpStatusCode.ServiceUnavailable; i++) Assert.InRange(i, 0, 100);
        await host.StopAsync();

        var spans = collector.Received.Spans;
        var run = spans.First(s => s.Name == "assistant run" && s.IsError && Equals(s.Attributes["error.type"], "storage-unavailable"));
        // A later write of the same steps may fail too.
        var writes = spans.Where(s => s.TraceId == run.TraceId && s.Name == $"{plugin} journal.write").ToList();
        Assert.NotEmpty(writes);
        Assert.All(writes, w => Assert.True(w.IsError));
        Assert.Contains(
            collector.Received.Points,
            p => p.Name == "pluginhost.session.operation.duration" && Equals(p.Attributes["pluginhost.operation"], "write") && Equals(p.Attributes["error.type"], writes[0].Attributes["error.type"]));
    }

    private static async Task<HttpStatusCode> StreamAsync(RunningHost host)
    {
        using var response = await host.Api.Http.PostAsJsonAsync("/v1/sessions/ada/runs", new { input = new string('y', 20_000), stream = true });
        await response.Content.ReadAsStringAsync();
        return response.StatusCode;
    }
}
