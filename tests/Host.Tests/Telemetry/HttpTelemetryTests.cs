using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Telemetry;
using PluginHost.Testing;

namespace PluginHost.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class HttpTelemetryTests
{
    private const string Caller = "00-1af7651916cd43dd8448eb211c80319c-17ad6b7169203331-01";

    [Fact]
    public async Task A_request_continues_its_callers_trace_and_carries_the_run_and_the_logs()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var app = await StartAsync(receiver);
        await using (app)
        {
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            // Without a propagator: the caller is another process, whose trace this one's spans must not replace.
            using var handler = new SocketsHttpHandler { ActivityHeadersPropagator = null };
            using var client = new HttpClient(handler) { BaseAddress = new(address) };
            using var request = new HttpRequestMessage(HttpMethod.Post, "/run");
            request.Headers.Add("traceparent", Caller);
            using var answer = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            using var health = await client.GetAsync(new Uri("/health/live", UriKind.Relative));
            await app.StopAsync();
        }

        var spans = receiver.Received.Spans.Where(s => s.TraceId == "1af7651916cd43dd8448eb211c80319c").ToList();
        Assert.Equal(["POST /run", ".assistant run"], SpanTree.Draw(spans).Take(2));
        var server = Assert.Single(spans, s => s.Name == "POST /run");
        Assert.Equal((2, "17ad6b7169203331"), (server.Kind, server.ParentId));
        Assert.Equal("b7ad6b7169203331", Assert.Single(server.Links).SpanId);
        Assert.Equal("session-1", server.Attributes["gen_ai.conversation.id"]);
        Assert.DoesNotContain(receiver.Received.Spans, s => s.Kind == 2 && s.Name.Contains("health", StringComparison.Ordinal));

        var log = Assert.Single(receiver.Received.Logs, l => l.Category == "Test");
        Assert.Equal(("inside 7", server.TraceId), (log.Body, log.TraceId));
        Assert.Equal("session-1", log.Attributes["gen_ai.conversation.id"]);
        Assert.Equal(7L, log.Attributes["Number"]);
        Assert.Contains(receiver.Received.Points, p => p.Name == "http.server.request.duration");
        Assert.Contains(receiver.Received.Points, p => p.Scope == "System.Runtime");
    }

    [Fact]
    public async Task A_request_that_breaks_off_has_a_type_and_no_text_on_its_span_nor_in_the_log()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var host = await TelemetryHost.StartAsync(receiver);
        using var client = new HttpClient();

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("http://127.0.0.1:1/secret")));
        var failed = new PluginException("memory", "ContextProvide", new InvalidOperationException("secret"));
        host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Test").LogWarning(LoggableError.From(failed), "failed");
        host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("PluginHost.Plugin.memory").LogWarning(new InvalidOperationException("secret"), "threw");
        await host.StopAsync();

        var span = Assert.Single(receiver.Received.Spans, s => s.Kind == 3);
        Assert.True(span.IsError);
        Assert.Equal("", span.StatusMessage);
        Assert.DoesNotContain("127.0.0.1:1)", string.Join('\n', span.Events.SelectMany(e => e.Attributes.Values)), StringComparison.Ordinal);
        foreach (var category in new[] { "Test", "PluginHost.Plugin.memory" })
        {
            var log = Assert.Single(receiver.Received.Logs, l => l.Category == category);
            Assert.Equal("System.InvalidOperationException", log.Attributes["exception.type"]);
            Assert.DoesNotContain("secret", string.Join('\n', log.Attributes.Values), StringComparison.Ordinal);
        }
    }

    private static async Task<WebApplication> StartAsync(OtlpReceiver receiver)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Configuration.AddInMemoryCollection(TelemetryHost.HttpTo(receiver).ToDictionary(v => v.Item1, v => (string?)v.Item2));
        builder.Services.AddRouting();
        builder.AddHostTelemetry();
        var app = builder.Build();
        app.MapGet("/health/live", () => "ok");
        app.MapPost("/run", async (HostObserver observer, ILoggerFactory loggers) =>
        {
            var run = new ScriptedRun(observer, new FakeTimeProvider())
            {
                PreviousTraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            };
            await run.RunAsync();
            loggers.CreateLogger("Test").LogInformation("inside {Number}", 7);
        });
        await app.StartAsync();
        return app;
    }
}
