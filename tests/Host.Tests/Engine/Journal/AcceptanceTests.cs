using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Journal;

/// <summary>A run whose id a caller has seen is in the store, with its input.</summary>
public sealed class AcceptanceTests : IAsyncDisposable
{
    private readonly JournaledHost _host = new();
    private readonly TaskCompletionSource _never = new();

    [Fact]
    public async Task A_session_that_the_call_of_a_tool_has_stored_counts_once_against_the_quota()
    {
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var act = AIFunctionFactory.Create(
            async () =>
            {
                entered.SetResult();
                await release.Task;
                return "acted";
            },
            "act");
        var tools = TestEngine.Plugin(new Probe.Context(_ => new ContextContribution { Tools = [act] }), "tools");
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "act")), _ => ScriptedModel.Say("two"), _ => ScriptedModel.Say("one"));
        var engine = _host.Start(new SessionsConfiguration { MaxSessions = 2 }, model, tools);
        var first = await engine.Engine.StartAsync(TestEngine.Command("a", "one"), default);
        await entered.Task.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(RunStatus.Completed, (await engine.RunAsync("b", "two")).Status);

        release.SetResult();
        Assert.Equal(RunStatus.Completed, (await first.Completion.WaitAsync(TimeSpan.FromSeconds(20))).Status);
    }

    [Fact]
    public async Task A_background_run_is_stored_with_its_input_and_its_session_before_its_caller_learns_its_id()
    {
        var engine = _host.Start(Hanging());

        var handle = await engine.Engine.StartAsync(Background("s", "hello"), default);

        var open = Assert.Single(await _host.OpenRunsAsync());
        Assert.Equal((handle.Record.Id, "s"), (open.Id, open.Session.Id));
        Assert.NotEqual(0, await _host.StepsAsync("s", open.Id));
        var later = _host.Start(Hanging());
        Assert.Equal(open.Id, (await later.Engine.GetRunAsync(TestEngine.Key("s"), open.Id, default)).Id);
        Assert.Equal("s", (await later.Sessions.GetAsync(TestEngine.Key("s"), default)).Key.Id);
    }

    [Fact]
    public async Task A_background_run_that_waits_behind_the_first_run_of_a_session_is_stored_at_once_and_both_end()
    {
        var release = new TaskCompletionSource();
        var engine = _host.Start(new ScriptedModel(_ => Held(release.Task), _ => ScriptedModel.Say("second")));
        var first = await engine.Engine.StartAsync(TestEngine.Command("s", "one"), default);

        var second = await engine.Engine.StartAsync(Background("s", "two"), default);

        Assert.Equal(RunStatus.Queued, Assert.Single(await _host.OpenRunsAsync()).Status);
        release.SetResult();
        Assert.Equal(RunStatus.Completed, (await EndOf(first)).Status);
        Assert.Equal(RunStatus.Completed, (await EndOf(second)).Status);
        Assert.Empty(await _host.OpenRunsAsync());
        Assert.Equal(["user: one", "assistant: held", "user: two", "assistant: second"], await engine.StoredAsync("s"));
    }

    [Fact]
    public async Task A_background_run_waits_for_its_turn_longer_than_others_may()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var host = new JournaledHost { Time = time };
        var release = new TaskCompletionSource();
        var settings = new SessionsConfiguration { QueueTimeout = TimeSpan.FromSeconds(7), RunTimeout = TimeSpan.FromHours(2) };
        var engine = host.Start(settings, new ScriptedModel(_ => Held(release.Task), _ => ScriptedModel.Say("second")));
        var first = await engine.Engine.StartAsync(TestEngine.Command("s", "one"), default);
        var second = await engine.Engine.StartAsync(Background("s", "two"), default);

        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(RunStatus.Queued, second.Record.Status);
        release.SetResult();
        Assert.Equal(RunStatus.Completed, (await EndOf(first)).Status);
        Assert.Equal(RunStatus.Completed, (await EndOf(second)).Status);
    }

    [Fact]
    public async Task A_background_run_whose_agent_a_reload_has_removed_while_it_waited_ends_with_the_chains_that_have_it()
    {
        var release = new TaskCompletionSource();
        var engine = _host.Start(new ScriptedModel(_ => Held(release.Task), _ => ScriptedModel.Say("second")));
        var first = await engine.Engine.StartAsync(TestEngine.Command("s", "one"), default);
        var second = await engine.Engine.StartAsync(Background("s", "two"), default);
        var next = engine.Build([(new AgentConfiguration("other"), ScriptedModel.Saying("new"), [.. engine.Set.Chains[0].Plugins.Where(p => p.History is not null)])]);
        _ = engine.Chains.SwapAsync(next, TimeSpan.FromMinutes(1));

        release.SetResult();

        Assert.Equal(RunStatus.Completed, (await EndOf(first)).Status);
        var ended = await EndOf(second);
        Assert.Equal(RunStatus.Completed, ended.Status);
        Assert.Equal(["assistant: second"], Lines(ended));
    }

    [Fact]
    public async Task A_streamed_run_shows_its_id_when_the_journal_has_it_and_calls_the_model_before()
    {
        var (release, asked) = (new TaskCompletionSource(), new TaskCompletionSource());
        var engine = _host.Start(new ScriptedModel(_ =>
        {
            asked.TrySetResult();
            return ScriptedModel.Say("hello");
        }));
        _host.Process.BeforeWrite = async _ => await release.Task;

        var starting = engine.Engine.StartAsync(Streamed("s", "hi"), default).AsTask();

        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.False(starting.IsCompleted);
        release.SetResult();
        Assert.Equal(RunStatus.Completed, (await EndOf(await starting)).Status);
        Assert.Contains(_host.Process.Writes, w => w is { NewSession: not null, Run.Status: RunStatus.Running });
        Assert.Empty(await _host.OpenRunsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_ends_before_its_first_write_has_begun_is_stored_at_once_and_gives_all_its_events(bool isBackground)
    {
        var engine = _host.Start(ScriptedModel.Saying("hello"));
        _host.Process.WritesWaitFor = _never.Task;

        var starting = engine.Engine.StartAsync(isBackground ? Background("s", "hi") : Streamed("s", "hi"), default).AsTask();
        var handle = await starting.WaitAsync(TimeSpan.FromSeconds(20));
        var ended = await EndOf(handle);
        var events = new List<RunEvent>();
        await foreach (var next in handle.ReadEventsAsync(0, default)) events.Add(next);

        Assert.Equal(RunStatus.Completed, ended.Status);
        Assert.Empty(_host.Process.Writes);
        Assert.Equal(RunStatus.Running, Assert.IsType<RunEvent.Started>(events[0]).Run.Status);
        Assert.IsType<RunEvent.Ended>(events[^1]);
        Assert.Equal(["user: hi", "assistant: hello"], await engine.StoredAsync("s"));
        Assert.Equal(ended.Id, (await _host.Store.FindRunsAsync(new RunQuery { Tenant = "default", RunId = ended.Id }, default)).Items[0].Id);
        Assert.Empty(await _host.OpenRunsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_neither_the_journal_nor_the_save_takes_is_refused(bool isBackground)
    {
        var engine = _host.Start(ScriptedModel.Saying("hello"));
        _host.Process.WritesWaitFor = _never.Task;
        _host.Process.BeforeSave = static _ => throw new IOException("the disk is full");

        var refusal = await Assert.ThrowsAsync<ProblemException>(
            async () => await engine.Engine.StartAsync(isBackground ? Background("s", "hi") : Streamed("s", "hi"), default));

        Assert.Equal(ProblemTypes.StorageUnavailable, refusal.Type);
        Assert.Empty((await _host.Store.FindSessionsAsync(new SessionQuery { Tenant = "default" }, default)).Items);
        Assert.Empty(await _host.OpenRunsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_the_journal_does_not_take_is_refused_and_nothing_of_it_is_stored(bool isBackground)
    {
        var engine = _host.Start(ScriptedModel.Saying("hello"));
        _host.Process.BeforeWrite = static _ => throw new IOException("the disk is full");

        var refusal = await Assert.ThrowsAsync<ProblemException>(
            async () => await engine.Engine.StartAsync(isBackground ? Background("s", "hi") : Streamed("s", "hi"), default));

        Assert.Equal(ProblemTypes.StorageUnavailable, refusal.Type);
        Assert.Empty((await _host.Store.FindSessionsAsync(new SessionQuery { Tenant = "default" }, default)).Items);
        Assert.Empty(await engine.StoredAsync("s", includeFailed: true));
        _host.Process.BeforeWrite = static _ => default;
        Assert.Equal(RunStatus.Completed, (await engine.RunAsync("s", "again")).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_the_journal_did_not_take_is_not_written_when_the_store_works_again(bool isBackground)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var host = new JournaledHost { Time = time };
        var spoken = new TaskCompletionSource();
        var engine = host.Start(new ScriptedModel(call => SpeakAsync(call)));
        host.Process.BeforeWrite = async _ =>
        {
            // Its text waits to be written then.
            await spoken.Task;
            throw new IOException("the disk is full");
        };

        var starting = engine.Engine.StartAsync(isBackground ? Background("s", "hi") : Streamed("s", "hi"), default).AsTask();
        await Assert.ThrowsAsync<ProblemException>(() => starting.WaitAsync(Limit));
        host.Process.BeforeWrite = static _ => default;
        time.Advance(RunJournal.TextDelay);

        Assert.Empty(host.Process.Writes);
        Assert.Empty(await host.OpenRunsAsync());

        async IAsyncEnumerable<ChatResponseUpdate> SpeakAsync(ScriptedModel.Call call)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, "hello");
            spoken.TrySetResult();
            await _never.Task.WaitAsync(call.Cancellation);
        }
    }

    [Fact]
    public async Task A_run_in_the_queue_that_the_journal_does_not_take_gives_up_its_place()
    {
        var release = new TaskCompletionSource();
        var engine = _host.Start(new ScriptedModel(_ => Held(release.Task), _ => ScriptedModel.Say("later")));
        var first = await engine.Engine.StartAsync(TestEngine.Command("s", "one"), default);
        _host.Process.BeforeWrite = static _ => throw new IOException("the disk is full");

        await Assert.ThrowsAsync<ProblemException>(async () => await engine.Engine.StartAsync(Background("s", "two"), default));

        release.SetResult();
        await EndOf(first);
        Assert.Equal(RunStatus.Completed, (await engine.RunAsync("s", "three")).Status);
    }

    [Fact]
    public async Task Sessions_of_runs_in_progress_count_once_against_the_quota_and_those_that_were_not_stored_not_at_all()
    {
        var release = new TaskCompletionSource();
        var engine = _host.Start(new SessionsConfiguration { MaxSessions = 3 }, new ScriptedModel(_ => Held(release.Task)));
        var first = await engine.Engine.StartAsync(Background("a", "one"), default);
        var second = await engine.Engine.StartAsync(TestEngine.Command("b", "two"), default);
        _host.Process.BeforeWrite = static _ => throw new IOException("the disk is full");
        await Assert.ThrowsAsync<ProblemException>(async () => await engine.Engine.StartAsync(Background("b", "three"), default));
        _host.Process.BeforeWrite = static _ => default;

        var third = await engine.Engine.StartAsync(Background("c", "four"), default);
        var refused = await Assert.ThrowsAsync<ProblemException>(async () => await engine.Engine.StartAsync(Background("d", "five"), default));

        Assert.Equal(ProblemTypes.TooManySessions, refused.Type);
        release.SetResult();
        foreach (var run in new[] { first, second, third }) Assert.Equal(RunStatus.Completed, (await EndOf(run)).Status);
    }

    [Fact]
    public async Task A_run_in_the_foreground_without_tools_and_a_stateless_one_write_no_journal()
    {
        var engine = _host.Start(ScriptedModel.Saying("hello"));

        await engine.RunAsync("s", "hi");
        await engine.RunAsync(Streamed("s", "hi") with { SessionId = null, Stateless = true });

        Assert.Empty(_host.Process.Writes);
    }

    [Fact]
    public async Task A_background_run_that_may_not_continue_is_refused_before_it_is_accepted()
    {
        var engine = _host.Start(ScriptedModel.Saying("hello"));
        var first = await engine.RunAsync("s", "hi");
        await engine.RunAsync("s", "again");

        var refusal = await Assert.ThrowsAsync<ProblemException>(
            async () => await engine.Engine.StartAsync(Background("s", "late") with { AfterRun = first.Id }, default));

        Assert.Equal(ProblemTypes.RunNotLast, refusal.Type);
        Assert.Empty(await _host.OpenRunsAsync());
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static Task<RunRecord> EndOf(RunHandle handle) => handle.Completion.WaitAsync(TimeSpan.FromSeconds(20));

    private ScriptedModel Hanging() => new(_ => Held(_never.Task));

    private static async IAsyncEnumerable<ChatResponseUpdate> Held(Task release)
    {
        await release;
        yield return new ChatResponseUpdate(ChatRole.Assistant, "held") { MessageId = "m" };
    }
}
