using Microsoft.Extensions.AI;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;
using PluginHost.Telemetry;
using PluginHost.Telemetry.Spans;
using PluginHost.Testing;

namespace PluginHost.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class RunSpanTests
{
    private const string Previous = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_is_one_tree_over_grpc_and_over_http(bool grpc)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var host = await TelemetryHost.StartAsync(grpc ? TelemetryHost.GrpcTo(receiver) : TelemetryHost.HttpTo(receiver));

        await RunAsync(host);
        await host.StopAsync();

        var spans = receiver.Received.Spans;
        Assert.Equal(SpanTree.OfARun, SpanTree.Draw(spans));
        Assert.Single(spans.Select(s => s.TraceId).Distinct());
        Assert.All(spans, s => Assert.Equal("session-1", s.Attributes[TelemetryNames.Attributes.ConversationId]));
        Assert.All(spans, s => Assert.Equal("assistant", s.Attributes[TelemetryNames.Attributes.AgentName]));
        Assert.All(spans, s => Assert.Equal(s.AttributeKeys.Distinct(), s.AttributeKeys));
    }

    [Fact]
    public async Task Spans_say_what_each_stage_did()
    {
        var spans = await SpansOfAsync(host => RunAsync(host));

        var run = Find(spans, "assistant run");
        Assert.Equal("completed", run.Attributes["pluginhost.run.outcome"]);
        Assert.Equal("run-1", run.Attributes["pluginhost.run.id"]);
        Assert.Equal(1L, run.Attributes["pluginhost.run.attempt"]);
        Assert.Equal(new object[] { "memory" }, run.Attributes["pluginhost.run.skipped"]);
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), Assert.Single(run.Links));
        Assert.Equal("restored", Find(spans, "pluginhost.session.load").Attributes["pluginhost.session.load"]);

        var agent = Find(spans, "invoke_agent assistant");
        Assert.Equal(1, agent.Kind);
        Assert.Equal("invoke_agent", agent.Attributes["gen_ai.operation.name"]);
        Assert.Equal("stub", agent.Attributes["gen_ai.provider.name"]);
        Assert.Equal("stub-1", agent.Attributes["gen_ai.request.model"]);

        var middleware = Find(spans, "redaction/strict middleware");
        Assert.Equal("redaction/strict", middleware.Attributes["pluginhost.plugin.name"]);
        Assert.Equal("run_middleware", middleware.Attributes["pluginhost.plugin.kind"]);
        Assert.Equal(3L, middleware.Attributes["pluginhost.plugin.index"]);
        Assert.Equal("1.2.3", middleware.Attributes["pluginhost.plugin.version"]);
        Assert.Equal(0.01, middleware.Attributes["pluginhost.middleware.own_time"]);

        var skipped = Find(spans, "memory context.provide");
        Assert.True(skipped.IsError);
        Assert.Equal("plugin_timeout", skipped.Attributes["error.type"]);
        Assert.Equal(true, skipped.Attributes["pluginhost.plugin.skipped"]);
        Assert.Equal(4L, Find(spans, "sqlite-history history.load").Attributes["pluginhost.message.count"]);
        Assert.Equal(10L, spans.First(s => s.Name == "chat stub-1").Attributes["gen_ai.usage.input_tokens"]);
    }

    [Fact]
    public async Task A_failure_is_an_error_of_its_span_and_of_the_run_and_is_recorded_once_without_its_text()
    {
        var error = new InvalidOperationException("secret");
        var spans = await SpansOfAsync(host => RunAsync(host, new StubModel { Error = error }));

        string[] failed = ["chat stub-1", "memory context.provide", "assistant run"];
        Assert.Equal(failed.Order(), spans.Where(s => s.IsError).Select(s => s.Name).Order());
        Assert.Equal("model_error", Find(spans, "assistant run").Attributes["error.type"]);
        Assert.Equal("failed", Find(spans, "assistant run").Attributes["pluginhost.run.outcome"]);
        var (name, attributes) = Assert.Single(spans.Where(s => s.Name != "memory context.provide").SelectMany(s => s.Events));
        Assert.Equal("exception", name);
        Assert.Equal("System.InvalidOperationException", attributes["exception.type"]);
        Assert.DoesNotContain("secret", Everything(spans), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_is_recorded_only_when_asked_for()
    {
        var without = await SpansOfAsync(host => RunAsync(host));
        Assert.DoesNotContain("private", Everything(without), StringComparison.Ordinal);
        Assert.DoesNotContain("tenant-1", Everything(without), StringComparison.Ordinal);

        var with = await SpansOfAsync(host => RunAsync(host), ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"));
        Assert.Contains("private", (string?)with.First(s => s.Name == "chat stub-1").Attributes["gen_ai.input.messages"], StringComparison.Ordinal);
        Assert.Contains("private private", (string?)with.Last(s => s.Name == "chat stub-1").Attributes["gen_ai.input.messages"], StringComparison.Ordinal);
        Assert.Contains("private", (string?)Find(with, "execute_tool remember").Attributes["gen_ai.tool.call.arguments"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_services_own_conversation_id_does_not_displace_the_session()
    {
        var spans = await SpansOfAsync(host => RunAsync(host, options: new() { ConversationId = "service-7" }));

        Assert.All(spans, s => Assert.Equal("session-1", s.Attributes["gen_ai.conversation.id"]));
        Assert.All(spans, s => Assert.Single(s.AttributeKeys, "gen_ai.conversation.id"));
    }

    [Fact]
    public async Task A_sampler_named_by_the_standard_variable_decides()
    {
        ScriptedRun? run = null;
        var spans = await SpansOfAsync(async host => run = await RunAsync(host), ("OTEL_TRACES_SAMPLER", "always_off"));

        Assert.Empty(spans);
        Assert.Null(run!.TraceParent);
    }

    [Fact]
    public async Task The_traceparent_of_a_run_leads_to_its_span()
    {
        ScriptedRun? run = null;
        var spans = await SpansOfAsync(async host => run = await RunAsync(host));

        var span = Find(spans, "assistant run");
        Assert.Equal($"00-{span.TraceId}-{span.SpanId}-01", run!.TraceParent);
    }

    [Fact]
    public async Task A_run_that_continues_is_linked_to_the_attempt_that_was_lost_and_a_call_that_is_not_made_again_says_so()
    {
        var spans = await SpansOfAsync(host =>
        {
            Resume(host.Observer);
            return Task.CompletedTask;
        });

        var run = Find(spans, "assistant run");
        Assert.Equal(true, run.Attributes["pluginhost.run.resumed"]);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", Assert.Single(run.Links).TraceId);
        Assert.Equal(true, Find(spans, "execute_tool act").Attributes["pluginhost.step.reused"]);
        Assert.Equal(true, Find(spans, "execute_tool send").Attributes["pluginhost.step.unknown"]);
    }

    /// <summary>The second attempt of a run, with a call that the first one made, and one of which only the beginning is known.</summary>
    internal static void Resume(HostObserver observer)
    {
        var run = new ObservedRun(new("tenant-1", "session-1"), "run-1", "assistant") { Attempt = 2, IsResumed = true, ResumedTraceParent = Previous };
        var state = observer.BeginRun(run);
        observer.AcceptRun(state, run);
        var call = new ObservedOperation(HostOperation.ToolCall) { Run = run, Tool = new("act", "Acts.", "call-1") };
        observer.End(observer.Begin(call), call, new() { IsReused = true });
        var unknown = call with { Tool = new("send", "Sends.", "call-2") };
        observer.End(observer.Begin(unknown), unknown, new() { IsUnknown = true });
        var record = new RunRecord
        {
            Id = run.RunId,
            Session = run.Session,
            Agent = run.Agent,
            Status = RunStatus.Completed,
            CreatedAt = DateTimeOffset.UnixEpoch,
            Context = new RunContextUse { LoadedMessages = 4, LeftOutMessages = 1, ShortenedResults = 1, InputTokens = 90, MaxInputTokens = 100 },
        };
        observer.EndRun(state, run, record);
    }

    internal static async Task<ScriptedRun> RunAsync(TelemetryHost host, StubModel? model = null, ChatOptions? options = null)
    {
        var run = new ScriptedRun(host.Observer, host.Time)
        {
            Plugins = host.Services.GetRequiredService<PluginTelemetry>(),
            PreviousTraceParent = Previous,
            Model = model ?? new StubModel(),
            Options = options ?? new(),
        };
        await run.RunAsync();
        return run;
    }

    private static async Task<IReadOnlyList<ReceivedSpan>> SpansOfAsync(Func<TelemetryHost, Task> act, params (string, string)[] variables)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var host = await TelemetryHost.StartAsync(receiver, variables);
        await act(host);
        await host.StopAsync();
        return receiver.Received.Spans;
    }

    private static ReceivedSpan Find(IReadOnlyList<ReceivedSpan> spans, string name) => Assert.Single(spans, s => s.Name == name);

    private static string Everything(IReadOnlyList<ReceivedSpan> spans) => string.Join('\n', spans.SelectMany(s =>
        s.Attributes.Concat(s.Events.SelectMany(e => e.Attributes)).Select(a => $"{a.Key}={a.Value}").Append(s.StatusMessage).Append(s.Name)));
}
