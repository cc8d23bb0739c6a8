using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PluginHost.ModelServer;
using PluginHost.Testing;

namespace PluginHost.EndToEnd;

public sealed partial class ShutdownTests
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task At_SIGTERM_an_active_run_completes_and_is_stored_and_new_runs_are_rejected(string store)
    {
        var hold = new Hold();
        await using var model = await FakeModel.StartAsync(new ModelReply { BeforeAnswer = hold });
        using var folder = Configurations.CreateFolder(store);
        await using (var host = await RunningHost.StartAsync(folder, ModelVariables.Create(model)))
        {
            var run = host.Api.RunAsync("ada", "hi");
            await hold.Reached;
            host.Terminate();
            await host.WaitForLogAsync(Stopping());

            Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(host, "bob"));
            hold.Release();
            Assert.Equal("completed", (string?)(await run)["status"]);
            Assert.Equal(0, await host.ExitAsync());
        }

        await using var restarted = await RunningHost.StartAsync(folder);
        Assert.Equal(["hi", "Hello there"], (await restarted.Api.ListMessagesAsync("ada")).Select(m => m.Text));
        await restarted.Api.GetAsync("/v1/sessions/bob", HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task A_run_that_exceeds_the_shutdown_timeout_is_cancelled_and_stored_with_its_partial_answer(string store)
    {
        var hold = new Hold();
        await using var model = await FakeModel.StartAsync(new ModelReply { AfterFirstPiece = hold });
        using var folder = Configurations.CreateFolder(store);
        string id;
        await using (var host = await RunningHost.StartAsync(folder, [.. ModelVariables.Create(model), ("Server__ShutdownTimeout", "1s")]))
        {
            var run = host.Api.RunAsync("ada", "hi");
            await hold.Reached;
            host.Terminate();

            var ended = await run;
            id = (string)ended["id"]!;
            Assert.Equal("cancelled", (string?)ended["status"]);
            await hold.Abandoned;
            Assert.Equal(0, await host.ExitAsync());
        }

        await using var restarted = await RunningHost.StartAsync(folder);
        Assert.Equal("cancelled", (string?)(await restarted.Api.GetAsync($"/v1/sessions/ada/runs/{id}"))["status"]);
        Assert.Equal(["hi", "Hello"], (await restarted.Api.ListMessagesAsync("ada")).Select(m => m.Text));
    }

    [Fact]
    public async Task A_background_run_that_ends_after_SIGTERM_is_stored_and_its_trace_is_sent()
    {
        var hold = new Hold();
        await using var model = await FakeModel.StartAsync(new ModelReply { BeforeAnswer = hold });
        await using var collector = await OtlpReceiver.StartAsync();
        using var folder = WorkFolder.CreateShipped();
        await using (var host = await RunningHost.StartAsync(
            folder, [.. ModelVariables.Create(model), ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.GrpcEndpoint)]))
        {
            await host.Api.PostAsync("/v1/sessions/ada/runs", new JsonObject { ["input"] = "hi", ["background"] = true }, HttpStatusCode.Accepted);
            await hold.Reached;
            host.Terminate();
            await host.WaitForLogAsync(Stopping());
            hold.Release();
            Assert.Equal(0, await host.ExitAsync());
        }

        Assert.Contains(collector.Received.Spans, s => s.Name == "assistant run" && s.Attributes["pluginhost.run.outcome"] is "completed");
        await using var restarted = await RunningHost.StartAsync(folder);
        Assert.Equal(["hi", "Hello there"], (await restarted.Api.ListMessagesAsync("ada")).Select(m => m.Text));
    }

    [Fact]
    public async Task A_collector_that_hangs_delays_shutdown_by_no_more_than_the_export_deadline()
    {
        // The backlog of the operating system accepts connections. Nothing answers them.
        using var collector = new TcpListener(IPAddress.Loopback, 0);
        collector.Start();
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, ("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://{collector.LocalEndpoint}"));
        await host.Api.RunAsync("ada", "hi");

        var started = TimeProvider.System.GetTimestamp();
        await host.StopAsync();

        // The deadline is 5 s. Without it, the three signals would take 10 s each.
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    private static async Task<HttpStatusCode> StatusAsync(RunningHost host, string session)
    {
        // The host listens as long as it drains runs, so a refused connection is a failure.
        using var response = await host.Api.Http.PostAsync(
            new Uri($"/v1/sessions/{session}/runs", UriKind.Relative), JsonContent.Create(new { input = "too late" }));
        return response.StatusCode;
    }

    [GeneratedRegex("Stopping: running runs may end within")]
    private static partial Regex Stopping();
}
