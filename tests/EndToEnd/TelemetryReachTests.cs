using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.Testing;

namespace PluginHost.EndToEnd;

/// <summary>Telemetry across the host's borders: model servers, plugins, clients with arbitrary input, and the console.</summary>
[Trait("Form", "Long")]
public sealed class TelemetryReachTests
{
    private const string CallersTrace = "1af7651916cd43dd8448eb211c80319c";

    private static readonly string[] KnownMethods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "_OTHER"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_model_server_receives_the_callers_trace_and_its_baggage_only_when_asked_for(bool asked)
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var model = await FakeModel.StartAsync();
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(
            folder, [.. ModelVariables.Create(model), ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.GrpcEndpoint), ("Agents__assistant__Model__SendBaggage", $"{asked}")]);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/sessions/ada/runs") { Content = JsonContent.Create(new { input = "hi" }) };
        request.Headers.Add("traceparent", $"00-{CallersTrace}-17ad6b7169203331-01");
        request.Headers.Add("tracestate", "vendor=secret");
        request.Headers.Add("baggage", "shop=north");
        using var response = await host.Api.Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        await host.StopAsync();

        var headers = Assert.Single(model.Requests).Headers;
        Assert.Contains(CallersTrace, headers["traceparent"], StringComparison.Ordinal);
        Assert.Equal(asked ? "shop=north" : null, headers.GetValueOrDefault("baggage"));
        Assert.Equal(asked ? "vendor=secret" : null, headers.GetValueOrDefault("tracestate"));
        var call = Assert.Single(collector.Received.Spans, s => s.Scope == "System.Net.Http" && s.TraceId == CallersTrace);
        var chat = Assert.Single(collector.Received.Spans, s => s.SpanId == call.ParentId);
        Assert.StartsWith("chat", chat.Name, StringComparison.Ordinal);
        Assert.Equal("ada", call.Attributes["gen_ai.conversation.id"]);
    }

    [Fact]
    public async Task Without_export_the_model_server_receives_no_baggage_either()
    {
        await using var model = await FakeModel.StartAsync();
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, ModelVariables.Create(model));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/sessions/ada/runs") { Content = JsonContent.Create(new { input = "hi" }) };
        request.Headers.Add("traceparent", $"00-{CallersTrace}-17ad6b7169203331-01");
        request.Headers.Add("tracestate", "vendor=secret");
        request.Headers.Add("baggage", "shop=north");

        using var response = await host.Api.Http.SendAsync(request);

        response.EnsureSuccessStatusCode();
        var headers = Assert.Single(model.Requests).Headers;
        Assert.DoesNotContain(headers, h => h.Value.Contains("secret", StringComparison.Ordinal) || h.Value.Contains("north", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_before_the_model_answers_is_an_error_of_no_span()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        var hold = new Hold();
        await using var model = await FakeModel.StartAsync(new ModelReply { BeforeAnswer = hold });
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, [.. ModelVariables.Create(model), ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.GrpcEndpoint)]);

        var run = await host.Api.PostAsync("/v1/sessions/ada/runs", new JsonObject { ["input"] = "hi", ["background"] = true }, HttpStatusCode.Accepted);
        await hold.Reached;
        await host.Api.PostAsync($"/v1/sessions/ada/runs/{run["id"]}/cancel");
        await hold.Abandoned;
        await host.StopAsync();

        var spans = collector.Received.Spans.Where(s => Equals(s.Attributes.GetValueOrDefault("gen_ai.conversation.id"), "ada")).ToList();
        Assert.Equal("cancelled", Assert.Single(spans, s => s.Name == "assistant run").Attributes["pluginhost.run.outcome"]);
        Assert.Equal("cancelled", Assert.Single(spans, s => s.Scope == "System.Net.Http").Attributes["pluginhost.cause"]);
        // .NET adds the event of the exception to its own span, from which nothing can be removed.
        Assert.DoesNotContain(spans, s => s.IsError || s.Attributes.ContainsKey("error.type") || (s.Scope != "System.Net.Http" && s.Events.Count > 0));
    }

    [Fact]
    public async Task Spans_of_a_plugin_are_children_of_its_call_without_configuration()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        using var folder = WorkFolder.Create(
            """{ "Agents": { "assistant": { "Chain": [ { "Plugin": "talkative" } ] } }, "PluginFolders": [ "plugins" ] }""");
        folder.InstallPlugin(BuildOutputs.TalkativeFolder, "TalkativePlugin");
        await using var host = await RunningHost.StartAsync(folder, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.GrpcEndpoint));

        await host.Api.RunAsync("ada", "hi");
        await host.StopAsync();

        var spans = collector.Received.Spans;
        var parents = spans.Where(s => s.Scope == "PluginHost.Plugin.talkative").ToDictionary(s => s.Name, s => spans.Single(p => p.SpanId == s.ParentId).Name);
        Assert.Equal("talkative context.provide", parents["look up"]);
        Assert.Equal("talkative middleware", parents["before"]);
        Assert.Equal("talkative middleware", parents["after"]);
        Assert.All(spans.Where(s => parents.ContainsKey(s.Name)), s => Assert.Equal("ada", s.Attributes["gen_ai.conversation.id"]));
        Assert.Equal(1, Assert.Single(collector.Received.Points, p => p.Name == "talkative.lookups").Value);
    }

    [Fact]
    public async Task Client_input_does_not_become_metric_attributes_and_health_requests_are_not_measured()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.GrpcEndpoint));

        for (var i = 0; i < 5; i++)
        {
            await SendAsync(host, $"BREW{i}", $"/kanarienvogel{i}/path");
            await SendAsync(host, "POST", $"/v1/sessions/kanarienvogel{i}/runs", $$"""{"input":"hi","agent":"kanarienvogel{{i}}"}""");
            await SendAsync(host, "POST", $"/v1/sessions/kanarienvogel{i}/runs", $$$"""{"input":"hi","options":{"model":"kanarienvogel{{{i}}}"}}""");
            await SendAsync(host, "GET", "/health/ready");
        }

        await host.StopAsync();

        var points = collector.Received.Points;
        Assert.DoesNotContain(points.SelectMany(p => p.Attributes.Values), v => v is string text && text.Contains("kanarien", StringComparison.OrdinalIgnoreCase));
        var requests = points.Where(p => p.Name == "http.server.request.duration").ToList();
        Assert.All(requests, r => Assert.Contains((string)r.Attributes["http.request.method"]!, KnownMethods));
        Assert.DoesNotContain(requests, r => r.Attributes.GetValueOrDefault("http.route") is string route && route.Contains("health", StringComparison.Ordinal));
        Assert.Contains(points, p => p.Name.StartsWith("dotnet.process.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task JSON_console_logs_include_the_trace_and_the_session()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var model = await FakeModel.StartAsync(new ModelReply { Status = 400, Error = "kanarienvogel" });
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(
            folder,
            [.. ModelVariables.Create(model), ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.GrpcEndpoint), ("Logging__Console__FormatterName", "json")]);

        await SendAsync(host, "POST", "/v1/sessions/ada/runs", """{"input":"kanarienvogel"}""");
        await host.StopAsync();

        var lines = host.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonElement.Parse(l)).ToList();
        var failed = Assert.Single(lines, l => l.GetProperty("message").GetString()!.Contains("failed", StringComparison.Ordinal) && l.GetProperty("event").GetInt32() == 200);
        var run = Assert.Single(collector.Received.Spans, s => s.Name == "assistant run");
        Assert.Equal((run.TraceId, "ada"), (failed.GetProperty("trace_id").GetString(), failed.GetProperty("gen_ai.conversation.id").GetString()));
        Assert.Contains(collector.Received.Logs, l => l.TraceId == run.TraceId && Equals(l.Attributes["gen_ai.conversation.id"], "ada"));
        Assert.DoesNotContain("kanarienvogel", host.Transcript, StringComparison.Ordinal);
        Assert.DoesNotContain(ReceivedText.GetAll(collector.Received), t => t.Contains("kanarienvogel", StringComparison.Ordinal));
    }

    private static async Task SendAsync(RunningHost host, string method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null) request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var response = await host.Api.Http.SendAsync(request);
    }
}
