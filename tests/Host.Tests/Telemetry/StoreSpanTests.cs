using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;
using PluginHost.Tests.Engine;
using static PluginHost.Tests.Engine.TestEngine;
using static PluginHost.Tests.Telemetry.OutcomeSpanTests;

namespace PluginHost.Tests.Telemetry;

/// <summary>What the session store does beside loads and saves, and how its failures show.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class StoreSpanTests
{
    [Fact]
    public async Task A_defect_of_the_journal_fails_the_run_that_it_was_to_keep_and_no_run_stays_active()
    {
        await using var traced = await TracedEngine.StartAsync(new StubModel(), [], store: new BrokenJournal(new InvalidOperationException("secret")));

        await Assert.ThrowsAsync<ProblemException>(() => traced.Tested.RunAsync(Command("s", "hi") with { Streamed = true }));
        var received = await traced.EndAsync();

        Assert.Equal(
            ["assistant run ! internal-error", ".test-sessions journal.write ! System.InvalidOperationException"],
            SpanTree.DrawErrors(received.Spans).Where(s => s.Contains('!', StringComparison.Ordinal)));
        Assert.Equal("failed", Run(received.Spans).Attributes["pluginhost.run.outcome"]);
        Assert.Equal("assistant", Find(received.Spans, "test-sessions journal.write").Attributes["gen_ai.agent.name"]);
        Assert.Equal([0, 0], received.Points.Where(p => p.Name is "pluginhost.run.active" or "pluginhost.session.active").Select(p => p.Value));
        Assert.Single(received.Points, p => p.Name == "pluginhost.run.duration");
        Assert.DoesNotContain(received.Points, p => p.Name == "pluginhost.run.refused");
    }

    [Fact]
    public async Task A_call_of_a_tool_that_cannot_be_recorded_is_an_error_of_the_journal_alone()
    {
        var tool = AIFunctionFactory.Create(() => "42", "answer");
        await using var traced = await TracedEngine.StartAsync(
            new StubModel(),
            [
                Plugin(new Probe.Middleware((request, next, ct) => next(request, ct)), "audit"),
                Plugin(new Probe.Context(_ => new ContextContribution { Tools = [tool] }), "memory"),
            ],
            store: new BrokenJournal(new IOException("disk full")));

        await traced.Tested.RunAsync("s", "hi");
        var received = await traced.EndAsync();

        Assert.Equal(["assistant run", "test-sessions journal.write"], received.Spans.Where(s => s.IsError).Select(s => s.Name).Order());
        Assert.Equal("passed_through", Find(received.Spans, "invoke_agent assistant").Attributes["pluginhost.cause"]);
        var write = Assert.Single(received.Points, p => p.Name == "pluginhost.session.operation.duration" && p.Attributes.ContainsKey("error.type"));
        Assert.Equal(("write", "System.IO.IOException"), (write.Attributes["pluginhost.operation"], write.Attributes["error.type"]));
    }

    [Fact]
    public async Task A_journal_that_works_has_no_spans()
    {
        await using var traced = await TracedEngine.StartAsync(new StubModel(), []);

        await traced.Tested.RunAsync(Command("s", "hi") with { Streamed = true });
        var received = await traced.EndAsync();

        Assert.DoesNotContain(received.Spans, s => s.Name.Contains("journal", StringComparison.Ordinal));
        Assert.DoesNotContain(received.Points, p => Equals(p.Attributes.GetValueOrDefault("pluginhost.operation"), "write"));
    }

    [Fact]
    public async Task A_deleted_session_is_a_call_of_its_store()
    {
        await using var traced = await TracedEngine.StartAsync(new StubModel(), []);
        await traced.Tested.RunAsync("s", "hi");

        await traced.Tested.Sessions.DeleteAsync(Key("s"), default);
        var received = await traced.EndAsync();

        var delete = Find(received.Spans, "test-sessions session.delete");
        Assert.Equal(("session_store", "s"), (delete.Attributes["pluginhost.plugin.kind"], delete.Attributes["gen_ai.conversation.id"]));
        Assert.Single(received.Points, p => p.Name == "pluginhost.session.operation.duration" && Equals(p.Attributes["pluginhost.operation"], "delete"));
        Assert.Single(received.Points, p => p.Name == "pluginhost.plugin.call.duration" && Equals(p.Attributes["pluginhost.plugin.kind"], "session_store") && Equals(p.Attributes["pluginhost.operation"], "delete"));
    }

    [Fact]
    public async Task What_a_model_would_be_sent_is_no_call_of_it_and_no_run()
    {
        await using var traced = await TracedEngine.StartAsync(new StubModel(), [Plugin(new Probe.Context(_ => new()), "memory")]);

        await traced.Tested.WouldBe.ExplainAsync(Command("s", "hi"), default);
        var received = await traced.EndAsync();

        Assert.Equal(["s", "assistant"], new[] { "gen_ai.conversation.id", "gen_ai.agent.name" }.Select(a => Find(received.Spans, "invoke_agent assistant").Attributes[a]));
        Assert.Contains(received.Spans, s => s.Name == "memory context.provide");
        Assert.DoesNotContain(received.Spans, s => s.Name.StartsWith("chat", StringComparison.Ordinal) || s.Name == "assistant run");
        Assert.DoesNotContain(received.Points, p => p.Name is "pluginhost.run.duration" or "pluginhost.run.active" || p.Name.StartsWith("gen_ai.", StringComparison.Ordinal));
    }

    /// <summary>A store in memory whose journal cannot be written.</summary>
    private sealed class BrokenJournal(Exception error) : ISessionStore, IRunJournal
    {
        private readonly InMemorySessions _inner = new();

        public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) =>
            _inner.FindSessionsAsync(query, cancellationToken);

        public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) => _inner.FindRunsAsync(query, cancellationToken);

        public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken) => _inner.SaveAsync(save, cancellationToken);

        public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) => _inner.DeleteAsync(session, cancellationToken);

        public ValueTask WriteAsync(JournalWrite write, CancellationToken cancellationToken) => throw error;

        public ValueTask<Page<JournalStep>> ReadAsync(SessionKey session, string runId, int first, int limit, CancellationToken cancellationToken) =>
            _inner.ReadAsync(session, runId, first, limit, cancellationToken);

        public ValueTask<Page<RunRecord>> FindOpenRunsAsync(OpenRunQuery query, CancellationToken cancellationToken) => _inner.FindOpenRunsAsync(query, cancellationToken);
    }
}
