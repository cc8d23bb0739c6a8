using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Journal;

/// <summary>Input for runs in progress is durable before its caller has an answer, and the next process gives it to the model once.</summary>
public sealed class InputTests : IAsyncDisposable
{
    private readonly JournaledHost _host = new();
    private readonly TaskCompletionSource _never = new();
    private ScriptedModel _model = null!;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Input_is_in_the_journal_before_its_caller_has_an_answer(bool background)
    {
        var (engine, run) = await BeginAsync(background, [Hang]);
        var write = new TaskCompletionSource();
        _host.Process.BeforeWrite = _ => new ValueTask(write.Task);
        var before = await _host.StepsAsync("s", run.Id);

        var giving = GiveAsync(engine, run, "more");
        await Task.Yield();

        Assert.False(giving.IsCompleted);
        write.SetResult();
        Assert.False(await giving.WaitAsync(Limit));
        // A run in the foreground had no journal, and begins it with the command and the attempt.
        Assert.Equal(before + (background ? 1 : 3), await _host.StepsAsync("s", run.Id));
    }

    [Fact]
    public async Task A_repeated_command_keeps_the_input_that_could_not_be_kept_before()
    {
        var (engine, run) = await BeginAsync(true, [Hang]);
        var steering = Background("s", "more") with { Busy = BusyPolicy.Steer, IdempotencyKey = "k", RequestHash = "h" };
        _host.Process.BeforeWrite = static _ => throw new IOException("the disk is full");
        await Assert.ThrowsAsync<ProblemException>(async () => await engine.Engine.StartAsync(steering, default));
        _host.Process.BeforeWrite = static _ => default;
        var before = await _host.StepsAsync("s", run.Id);

        await engine.Engine.StartAsync(steering, default);

        Assert.True(await _host.StepsAsync("s", run.Id) > before);
    }

    [Fact]
    public async Task Input_that_no_answer_has_taken_is_given_to_the_model_by_the_next_process_in_its_order_and_once()
    {
        var (engine, run) = await BeginAsync(true, [Hang]);
        await GiveAsync(engine, run, "one");
        await GiveAsync(engine, run, "two", key: "k");
        var model = ScriptedModel.Saying("done");

        var next = _host.Start(model);
        await next.Engine.RecoverAsync(default);
        Assert.True(await GiveAsync(next, run, "two", key: "k"));
        var ended = await EndAsync(next, run);

        Assert.Equal(["user: hi", "user: one", "user: two"], model.Sent(0));
        Assert.Equal(["user: one", "user: two", "assistant: done"], Lines(ended));
        Assert.Equal(["user: hi", "user: one", "user: two", "assistant: done"], await next.StoredAsync("s"));
        Assert.True(await GiveAsync(next, run, "two", key: "k"));
    }

    [Fact]
    public async Task Input_that_a_recorded_answer_has_taken_is_not_given_again()
    {
        var tool = new TaskCompletionSource();
        var (engine, run) = await BeginAsync(true, [CallAct, CallAct, Hang], Tool(tool.Task));
        await GiveAsync(engine, run, "one");
        tool.SetResult();
        await CallsAsync(3);
        await GiveAsync(engine, run, "two");
        var model = ScriptedModel.Saying("done");

        var next = _host.Start(model, Tool(Task.CompletedTask));
        await next.Engine.RecoverAsync(default);
        var ended = await EndAsync(next, run);

        string[] expected = ["assistant: <act>", "tool: [acted]", "user: one", "assistant: <act>", "tool: [acted]", "user: two"];
        Assert.Equal(["user: hi", .. expected], model.Sent(0));
        Assert.Equal([.. expected, "assistant: done"], Lines(ended));
        Assert.Equal(["user: hi", .. expected, "assistant: done"], await next.StoredAsync("s"));
    }

    [Fact]
    public async Task Input_that_an_unfinished_answer_had_is_given_once_more_and_delivered_and_stored_once()
    {
        var given = new TaskCompletionSource();
        var (engine, run) = await BeginAsync(true, [() => SayAfter(given.Task, "first"), () => SayAndHang("second")]);
        await GiveAsync(engine, run, "one");
        given.SetResult();
        await CallsAsync(2);
        await engine.Live.Find(run.Session, run.Id)!.ReadEventsAsync(0, default)
            .FirstAsync(e => e is RunEvent.Updated { Update.Text: "second" }).AsTask().WaitAsync(Limit);
        // What was delivered goes to the journal with the next step at the latest.
        await GiveAsync(engine, run, "two");
        var model = ScriptedModel.Saying("second half");

        var next = _host.Start(model);
        await next.Engine.RecoverAsync(default);
        var ended = await EndAsync(next, run);

        // The first answer ended because input came: it is a step, and not asked for again.
        Assert.Equal(["user: hi", "assistant: first", "user: one", "user: two"], model.Sent(0));
        Assert.Single(model.Calls);
        Assert.Equal(["user: hi", "assistant: first", "user: one", "user: two", "assistant: second half"], await next.StoredAsync("s"));
        Assert.Equal(["user: one", "user: two"], Lines(ended).Where(l => l.StartsWith("user", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Input_of_a_run_in_the_foreground_is_stored_when_its_process_was_lost()
    {
        var (engine, run) = await BeginAsync(false, [Hang]);
        await GiveAsync(engine, run, "more");

        var next = _host.Start(ScriptedModel.Saying("x"));
        await next.Engine.RecoverAsync(default);
        var ended = await EndAsync(next, run);

        Assert.Equal((RunStatus.Failed, "host_lost"), (ended.Status, ended.Error?.Type));
        Assert.Equal(["user: hi", "user: more"], await next.StoredAsync("s", includeFailed: true));
        Assert.Empty(await _host.OpenRunsAsync());
    }

    [Fact]
    public async Task Input_that_the_journal_does_not_take_is_refused_and_a_retry_with_its_key_gives_it_once()
    {
        var released = new TaskCompletionSource();
        var (engine, run) = await BeginAsync(true, [() => SayAfter(released.Task, "first"), () => ScriptedModel.Say("second")]);
        _host.Process.BeforeWrite = _ => throw new IOException("The disk is full.");
        var refused = await Assert.ThrowsAsync<ProblemException>(() => GiveAsync(engine, run, "more", key: "k"));
        _host.Process.BeforeWrite = static _ => default;

        Assert.Equal(ProblemTypes.StorageUnavailable, refused.Type);
        Assert.True(await GiveAsync(engine, run, "more", key: "k"));
        released.SetResult();
        Assert.Equal(["assistant: first", "user: more", "assistant: second"], Lines(await EndAsync(engine, run)));
    }

    [Fact]
    public async Task Input_of_a_run_that_a_stop_leaves_is_kept_for_the_next_process()
    {
        var (engine, run) = await BeginAsync(true, [Hang]);
        await GiveAsync(engine, run, "more");
        await engine.Engine.StopAsync(TimeSpan.Zero, Limit);
        var model = ScriptedModel.Saying("done");

        var next = _host.Start(model);
        await next.Engine.RecoverAsync(default);
        await EndAsync(next, run);

        Assert.Equal(["user: hi", "user: more"], model.Sent(0));
        Assert.Equal(["user: hi", "user: more", "assistant: done"], await next.StoredAsync("s"));
    }

    [Fact]
    public async Task A_request_that_steered_is_known_by_its_key_after_a_restart()
    {
        var (engine, run) = await BeginAsync(true, [Hang]);
        var steering = Background("s", "more") with { Busy = BusyPolicy.Steer, IdempotencyKey = "k", RequestHash = "h" };
        Assert.Equal(run.Id, (await engine.Engine.StartAsync(steering, default)).Record.Id);

        var next = _host.Start(ScriptedModel.Saying("done"));
        await next.Engine.RecoverAsync(default);
        var whileRunning = await next.Engine.StartAsync(steering, default);
        await EndAsync(next, run);
        var last = _host.Start(ScriptedModel.Saying("x"));
        var later = await last.Engine.StartAsync(steering, default);

        Assert.Equal((run.Id, run.Id), (whileRunning.Record.Id, later.Record.Id));
        Assert.Equal(["user: hi", "user: more", "assistant: done"], await last.StoredAsync("s"));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static async Task<bool> GiveAsync(TestEngine engine, RunRecord run, string text, string? key = null)
    {
        var input = new RunInput([new ChatMessage(ChatRole.User, text)]) { IdempotencyKey = key, RequestHash = key is null ? null : text };
        return (await engine.Engine.AddInputAsync(run.Session, run.Id, input, default)).IsRepeated;
    }

    /// <summary>Begins a run, up to its first call of the model.</summary>
    private async Task<(TestEngine Engine, RunRecord Run)> BeginAsync(
        bool background, IReadOnlyList<Func<IAsyncEnumerable<ChatResponseUpdate>>> answers, params IReadOnlyList<PluginInstance> plugins)
    {
        _model = new ScriptedModel([.. answers.Select<Func<IAsyncEnumerable<ChatResponseUpdate>>, Func<ScriptedModel.Call, IAsyncEnumerable<ChatResponseUpdate>>>(a => _ => a())]);
        var engine = _host.Start(_model, plugins);
        var handle = await engine.Engine.StartAsync(background ? Background("s", "hi") : TestEngine.Command("s", "hi"), default);
        await CallsAsync(1);
        // What is written beside the first call comes before what a test counts.
        using var limit = new CancellationTokenSource(Limit);
        while (background && _host.Process.Writes.Count == 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        return (engine, handle.Record);
    }

    private async Task CallsAsync(int count)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (_model.Calls.Count < count)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static IAsyncEnumerable<ChatResponseUpdate> CallAct() => ScriptedModel.CallTools(("1", "act"));

    private async IAsyncEnumerable<ChatResponseUpdate> Hang()
    {
        await _never.Task;
        yield break;
    }

    private async IAsyncEnumerable<ChatResponseUpdate> SayAndHang(string text)
    {
        await foreach (var update in ScriptedModel.Say(text)) yield return update;
        await _never.Task;
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> SayAfter(Task before, string text)
    {
        await before;
        await foreach (var update in ScriptedModel.Say(text)) yield return update;
    }

    private static PluginInstance Tool(Task before)
    {
        var tool = AIFunctionFactory.Create(
            async () =>
            {
                await before;
                return "acted";
            },
            "act");
        return TestEngine.Plugin(new Probe.Context(_ => new ContextContribution { Tools = [tool] }), "tools");
    }
}
