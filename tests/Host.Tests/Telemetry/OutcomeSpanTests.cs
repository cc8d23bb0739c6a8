using System.Diagnostics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;
using PluginHost.Telemetry;
using PluginHost.Testing;
using PluginHost.Tests.Engine;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Telemetry;

/// <summary>The whole tree of a run for each way in which it can end.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class OutcomeSpanTests
{
    private static readonly InvalidOperationException Broken = new("secret");

    [Fact]
    public async Task A_failing_model_is_an_error_of_its_call_alone_and_passes_through_the_stages_around_it()
    {
        var spans = await RunAsync(new StubModel { Error = Broken }, Plugins());

        Assert.Equal(
            [
                "assistant run ! model_error",
                ".test-sessions session.load",
                ".invoke_agent assistant",
                "..audit middleware",
                "...history history.load",
                "...memory context.provide",
                "...chat stub-1 ! System.InvalidOperationException",
                ".memory context.observe",
                ".history history.append",
                ".test-sessions session.save",
            ],
            SpanTree.DrawErrors(spans));
        CheckExceptionIsRecordedOnce(spans);
        Assert.Single(Find(spans, "chat stub-1").Events);
        Assert.Equal("failed", Run(spans).Attributes["pluginhost.run.outcome"]);
        Assert.Equal("passed_through", Find(spans, "invoke_agent assistant").Attributes["pluginhost.cause"]);
        Assert.Equal("passed_through", Find(spans, "audit middleware").Attributes["pluginhost.cause"]);
    }

    [Theory]
    [InlineData(ModelFailure.Failed)]
    [InlineData(ModelFailure.Unreachable)]
    [InlineData(ModelFailure.RateLimited)]
    [InlineData(ModelFailure.Rejected)]
    [InlineData(ModelFailure.Interrupted)]
    [InlineData(ModelFailure.Timeout)]
    [InlineData(ModelFailure.Unauthorized)]
    [InlineData(ModelFailure.NotFound)]
    [InlineData(ModelFailure.ContextLength)]
    public async Task Each_failure_of_a_model_has_its_type_on_the_call_in_metrics_and_on_the_run(ModelFailure failure)
    {
        var type = ModelErrorTypes.From(failure);
        await using var traced = await TracedEngine.StartAsync(new StubModel { Error = new ModelException(failure, "secret") }, []);

        await traced.Tested.RunAsync("s", "hi");
        var received = await traced.EndAsync();

        Assert.Equal(type, Find(received.Spans, "chat stub-1").Attributes["error.type"]);
        Assert.Equal(type, Run(received.Spans).Attributes["error.type"]);
        Assert.Equal(type, Assert.Single(received.Points, p => p.Name == "gen_ai.client.operation.duration").Attributes["error.type"]);
    }

    [Fact]
    public async Task An_agent_that_failed_has_the_tokens_that_it_took()
    {
        var tool = AIFunctionFactory.Create(() => "done", "work");
        var model = new ScriptedModel(
            _ => new[]
            {
                new ChatResponseUpdate(ChatRole.Assistant,
                [
                    new FunctionCallContent("c1", "work"), new UsageContent(new() { InputTokenCount = 10, OutputTokenCount = 3 }),
                ]) { MessageId = "m" },
            }.ToAsyncEnumerable(),
            _ => throw Broken);
        var spans = await RunAsync(model, Plugins(context: new Probe.Context(_ => new() { Tools = [tool] })));

        Assert.Equal(10L, Find(spans, "invoke_agent assistant").Attributes["gen_ai.usage.input_tokens"]);
        Assert.Equal(10L, Run(spans).Attributes["gen_ai.usage.input_tokens"]);
    }

    [Fact]
    public async Task A_call_of_a_tool_that_does_not_exist_is_a_failure_without_its_name()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("c1", "made_up"), ("c2", "work")), _ => ScriptedModel.Say("done"));
        await using var traced = await TracedEngine.StartAsync(
            model, Plugins(context: new Probe.Context(_ => new() { Tools = [AIFunctionFactory.Create(() => "done", "work")] })));

        await traced.Tested.RunAsync("s", "hi");
        var received = await traced.EndAsync();

        Assert.Equal("tool_error", Find(received.Spans, "execute_tool _OTHER").Attributes["error.type"]);
        Assert.Equal(
            ["_OTHER", "work"],
            received.Points.Where(p => p.Name == "gen_ai.execute_tool.duration").Select(p => (string)p.Attributes["gen_ai.tool.name"]!).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(received.Spans, s => s.Name.Contains("made_up", StringComparison.Ordinal) || s.Attributes.Values.Contains("made_up"));
    }

    [Fact]
    public async Task A_chat_client_that_refuses_the_run_has_no_error()
    {
        await using var traced = await TracedEngine.StartAsync(new StubModel { Error = new RunRefusedException("no", "no") }, []);

        await traced.Tested.RunAsync("s", "hi");
        var received = await traced.EndAsync();

        Assert.Equal("refused", Run(received.Spans).Attributes["pluginhost.run.outcome"]);
        Assert.Equal("refused", Find(received.Spans, "chat stub-1").Attributes["pluginhost.cause"]);
        Assert.DoesNotContain(received.Spans, s => s.IsError || s.Events.Count > 0);
        Assert.DoesNotContain(received.Points, p => p.Scope.StartsWith(TelemetryNames.Scopes.Host, StringComparison.Ordinal) && p.Attributes.ContainsKey("error.type"));
    }

    [Fact]
    public async Task A_history_that_cannot_load_ends_the_run_before_the_model()
    {
        var spans = await RunAsync(new StubModel(), Plugins(history: new Probe.History(loadError: Broken)));

        Assert.Equal(
            [
                "assistant run ! plugin_error",
                ".test-sessions session.load",
                ".invoke_agent assistant",
                "..audit middleware",
                "...history history.load ! System.InvalidOperationException",
                ".history history.append",
                ".test-sessions session.save",
            ],
            SpanTree.DrawErrors(spans));
        CheckExceptionIsRecordedOnce(spans);
    }

    [Fact]
    public async Task A_middleware_that_throws_before_it_passed_on_is_the_innermost_span()
    {
        var middleware = new Probe.Middleware((_, _, _) => throw Broken);
        var spans = await RunAsync(new StubModel(), [Plugin(middleware, "audit")]);

        Assert.Equal(
            [
                "assistant run ! plugin_error",
                ".test-sessions session.load",
                ".invoke_agent assistant",
                "..in-memory-history history.load",
                "..audit middleware ! System.InvalidOperationException",
                ".in-memory-history history.append",
                ".test-sessions session.save",
            ],
            SpanTree.DrawErrors(spans));
    }

    [Fact]
    public async Task An_append_that_fails_makes_a_run_failed_that_was_answered()
    {
        var spans = await RunAsync(new StubModel(), Plugins(history: new Probe.History(appendError: Broken)));

        Assert.Equal(
            [
                "assistant run ! plugin_error",
                ".test-sessions session.load",
                ".invoke_agent assistant",
                "..audit middleware",
                "...history history.load",
                "...memory context.provide",
                "...chat stub-1",
                ".memory context.observe",
                ".history history.append ! System.InvalidOperationException",
                ".test-sessions session.save",
            ],
            SpanTree.DrawErrors(spans));
        CheckExceptionIsRecordedOnce(spans);
    }

    [Fact]
    public async Task A_session_that_cannot_be_saved_shows_at_its_save()
    {
        var spans = await RunAsync(new StubModel(), Plugins(), store: new UnsavableSessions());

        Assert.Equal(
            ["assistant run ! storage", ".test-sessions session.save ! System.IO.IOException"],
            SpanTree.DrawErrors(spans).Where(s => s.Contains('!', StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_append_that_the_store_covers_is_the_stores_save(bool isDiskFull)
    {
        await using var traced = await TracedEngine.StartAsync(new StubModel(), Plugins(), store: new CoveringSessions(isDiskFull));

        await traced.Tested.RunAsync("s", "hi");
        var received = await traced.EndAsync();

        var save = Find(received.Spans, "test-sessions session.save");
        Assert.Equal(("test-sessions", "session_store", isDiskFull), (save.Attributes["pluginhost.plugin.name"], save.Attributes["pluginhost.plugin.kind"], save.IsError));
        var append = Find(received.Spans, "history history.append");
        Assert.Equal(true, append.Attributes["pluginhost.append.covered"]);
        Assert.Equal(isDiskFull ? "passed_through" : null, append.Attributes.GetValueOrDefault("pluginhost.cause"));
        Assert.Equal(isDiskFull ? null : 2L, append.Attributes.GetValueOrDefault("pluginhost.message.count"));
        var calls = received.Points.Where(p => p.Name == "pluginhost.plugin.call.duration").ToList();
        Assert.DoesNotContain(calls, p => Equals(p.Attributes["pluginhost.operation"], "append"));
        var saves = Assert.Single(calls, p => Equals(p.Attributes["pluginhost.operation"], "save"));
        Assert.Equal(isDiskFull ? "System.IO.IOException" : null, saves.Attributes.GetValueOrDefault("error.type"));
        Assert.Single(calls, p => Equals(p.Attributes["pluginhost.plugin.kind"], "session_store") && Equals(p.Attributes["pluginhost.operation"], "load"));
    }

    [Fact]
    public async Task A_plugin_that_is_skipped_is_named_on_the_run_and_on_its_own_span()
    {
        var spans = await RunAsync(new StubModel(), Plugins(context: new Probe.Context(_ => throw Broken)));

        Assert.Contains("...memory context.provide ! System.InvalidOperationException", SpanTree.DrawErrors(spans));
        Assert.Equal(true, Find(spans, "memory context.provide").Attributes["pluginhost.plugin.skipped"]);
        Assert.Equal(new object[] { "memory" }, Run(spans).Attributes["pluginhost.run.skipped"]);
        Assert.Equal(("completed", false), (Run(spans).Attributes["pluginhost.run.outcome"], Run(spans).IsError));
    }

    [Fact]
    public async Task A_chat_middleware_that_cannot_wrap_has_a_span_too()
    {
        var chat = Plugin(new Probe.Chat((_, _) => throw Broken), "guard", e => e with { OnError = OnError.Skip });
        var spans = await RunAsync(new StubModel(), [chat]);

        Assert.Contains("..guard middleware ! System.InvalidOperationException", SpanTree.DrawErrors(spans));
        Assert.Equal(true, Find(spans, "guard middleware").Attributes["pluginhost.plugin.skipped"]);
        Assert.Equal("completed", Run(spans).Attributes["pluginhost.run.outcome"]);
    }

    [Fact]
    public async Task A_plugin_and_a_run_that_take_too_long_say_so()
    {
        var time = new FakeTimeProvider();
        var slow = new Hanging();
        await using var traced = await TracedEngine.StartAsync(
            new ScriptedModel(_ => slow.StreamAsync(ScriptedModel.Say("late"))),
            [Plugin(new Hanging.Plugin(slow, "provide"), "slow", e => e with { OnError = OnError.Fail })],
            new() { RunTimeout = TimeSpan.FromMinutes(2) },
            time);

        var run = traced.Tested.RunAsync("s", "hi");
        await slow.Entered;
        time.Advance(TimeSpan.FromSeconds(30));
        await run;
        var spans = (await traced.EndAsync()).Spans;

        Assert.Equal("assistant run ! plugin_timeout", SpanTree.DrawErrors(spans)[0]);
        Assert.Contains("..slow context.provide ! plugin_timeout", SpanTree.DrawErrors(spans));
    }

    [Fact]
    public async Task A_run_that_timed_out_is_distinguished_from_a_cancelled_one()
    {
        var timedOut = await EndWhileTheModelWorksAsync((_, time) => time.Advance(TimeSpan.FromMinutes(2)));
        var cancelled = await EndWhileTheModelWorksAsync((handle, _) => handle.Cancel());

        Assert.Equal(("failed", "run_timeout"), (Run(timedOut).Attributes["pluginhost.run.outcome"], Run(timedOut).Attributes["error.type"]));
        Assert.Equal(("cancelled", false), (Run(cancelled).Attributes["pluginhost.run.outcome"], Run(cancelled).IsError));
        Assert.Equal("cancelled", Find(cancelled, "invoke_agent assistant").Attributes["pluginhost.cause"]);
        Assert.Equal(["assistant run ! run_timeout"], SpanTree.DrawErrors(timedOut).Where(s => s.Contains('!', StringComparison.Ordinal)));
        Assert.DoesNotContain(SpanTree.DrawErrors(cancelled), s => s.Contains('!', StringComparison.Ordinal));
        Assert.DoesNotContain(cancelled, s => s.Attributes.ContainsKey("error.type"));
        Assert.Contains(".in-memory-history history.append", SpanTree.Draw(cancelled));
        Assert.Contains(".test-sessions session.save", SpanTree.Draw(cancelled));
    }

    [Fact]
    public async Task A_request_that_is_refused_makes_no_run_and_says_why()
    {
        await using var traced = await TracedEngine.StartAsync(new StubModel(), []);
        using var requests = new ActivitySource(TelemetryNames.Scopes.PluginPrefix + "requests");

        using (requests.StartActivity("POST", ActivityKind.Server))
            await Assert.ThrowsAsync<ProblemException>(() => traced.Tested.RunAsync(Command("none", "hi") with { CreateSession = false }));
        using (requests.StartActivity("PUT", ActivityKind.Server))
            await Assert.ThrowsAsync<ProblemException>(() => traced.Tested.RunAsync(Command("s", "")));
        var received = await traced.EndAsync();

        Assert.Equal(["POST", "PUT"], SpanTree.DrawErrors(received.Spans).Order());
        Assert.Equal("session-not-found", Find(received.Spans, "POST").Attributes["pluginhost.run.refusal"]);
        Assert.False(Find(received.Spans, "POST").Attributes.ContainsKey("pluginhost.run.id"));
        Assert.Equal("invalid-request", Find(received.Spans, "PUT").Attributes["pluginhost.run.refusal"]);
        Assert.Equal(
            [("invalid-request", 1), ("session-not-found", 1)],
            received.Points.Where(p => p.Name == "pluginhost.run.refused").Select(p => ((string)p.Attributes["pluginhost.run.refusal"]!, p.Value)).Order());
        Assert.DoesNotContain(received.Points, p => p.Name is "pluginhost.run.duration" or "pluginhost.run.active");
    }

    [Fact]
    public async Task A_response_that_is_made_anew_leaves_no_trace_of_the_run_that_it_could_not_be()
    {
        await using var traced = await TracedEngine.StartAsync(new StubModel(), []);
        using var requests = new ActivitySource(TelemetryNames.Scopes.PluginPrefix + "requests");
        var first = await traced.Tested.RunAsync("s", "one");
        await traced.Tested.RunAsync("s", "two");

        using (requests.StartActivity("POST", ActivityKind.Server))
        {
            await Assert.ThrowsAsync<ProblemException>(() => traced.Tested.RunAsync(Command("s", "two") with { AfterRun = first.Id }));
            await traced.Tested.RunAsync("branch", "two");
        }

        var received = await traced.EndAsync();
        Assert.Equal(3, received.Spans.Count(s => s.Name == "assistant run"));
        Assert.Equal(3, received.Spans.Count(s => s.Name == "test-sessions session.load"));
        Assert.Equal(["completed"], received.Spans.Where(s => s.Name == "assistant run").Select(s => s.Attributes["pluginhost.run.outcome"]).Distinct());
        Assert.False(Find(received.Spans, "POST").Attributes.ContainsKey("pluginhost.run.refusal"));
        Assert.DoesNotContain(received.Points, p => p.Name == "pluginhost.run.refused");
    }

    internal static ReceivedSpan Run(IReadOnlyList<ReceivedSpan> spans) => Find(spans, "assistant run");

    internal static ReceivedSpan Find(IReadOnlyList<ReceivedSpan> spans, string name) => Assert.Single(spans, s => s.Name == name);

    private static PluginInstance[] Plugins(IHistoryProvider? history = null, IContextProvider? context = null) =>
    [
        Plugin(new Probe.Middleware((request, next, ct) => next(request, ct)), "audit"),
        Plugin(history ?? new Probe.History(), "history"),
        Plugin(context ?? new Probe.Context(_ => new()), "memory"),
    ];

    private static async Task<IReadOnlyList<ReceivedSpan>> RunAsync(IChatClient model, PluginInstance[] plugins, ISessionStore? store = null)
    {
        await using var traced = await TracedEngine.StartAsync(model, plugins, store: store);
        await traced.Tested.RunAsync("s", "hi");
        return (await traced.EndAsync()).Spans;
    }

    private static async Task<IReadOnlyList<ReceivedSpan>> EndWhileTheModelWorksAsync(Action<RunHandle, FakeTimeProvider> end)
    {
        var time = new FakeTimeProvider();
        var slow = new Hanging();
        await using var traced = await TracedEngine.StartAsync(
            new ScriptedModel(_ => slow.StreamAsync(ScriptedModel.Say("late"))), [], new() { RunTimeout = TimeSpan.FromMinutes(2) }, time);
        var handle = await traced.Tested.Engine.StartAsync(Command("s", "hi"), default);
        await slow.Entered;
        end(handle, time);
        // A model that ignores the cancel gets the grace time.
        while (!handle.Completion.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return (await traced.EndAsync()).Spans;
    }

    private static void CheckExceptionIsRecordedOnce(IReadOnlyList<ReceivedSpan> spans)
    {
        var (name, attributes) = Assert.Single(spans.SelectMany(s => s.Events));
        Assert.Equal(("exception", "System.InvalidOperationException"), (name, attributes["exception.type"]));
        Assert.DoesNotContain("secret", string.Join('\n', attributes.Values), StringComparison.Ordinal);
    }

    /// <summary>A store in memory that covers every history, on a disk that may be full.</summary>
    private sealed class CoveringSessions(bool isDiskFull) : ISessionStore
    {
        private readonly InMemorySessions _inner = new();

        public bool Covers(IHistoryProvider history) => true;

        public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) =>
            _inner.FindSessionsAsync(query, cancellationToken);

        public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) => _inner.FindRunsAsync(query, cancellationToken);

        public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken) =>
            isDiskFull ? throw new IOException("disk full") : _inner.SaveAsync(save with { Appends = [] }, cancellationToken);

        public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) => _inner.DeleteAsync(session, cancellationToken);
    }

    private sealed class UnsavableSessions : ISessionStore
    {
        private readonly InMemorySessions _inner = new();

        public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) =>
            _inner.FindSessionsAsync(query, cancellationToken);

        public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) => _inner.FindRunsAsync(query, cancellationToken);

        public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken) => throw new IOException("disk full");

        public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) => _inner.DeleteAsync(session, cancellationToken);
    }
}
