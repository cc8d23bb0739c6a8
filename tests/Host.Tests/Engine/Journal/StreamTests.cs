using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Journal;

/// <summary>Events keep their numbers over processes, and text comes once.</summary>
public sealed class StreamTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly JournaledHost _host;
    private readonly TaskCompletionSource _never = new();
    private TestEngine? _engine;

    public StreamTests() => _host = new JournaledHost { Time = _time };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_has_ended_gives_the_same_events_after_a_restart(bool isBackground)
    {
        var engine = _host.Start(
            new ScriptedModel(_ => ScriptedModel.CallTools(("1", "act")), _ => ScriptedModel.Say("Hel", "lo", " ", "world", "")), Tools());
        var handle = await engine.Engine.StartAsync(isBackground ? Background("s", "hi") : Streamed("s", "hi"), default);
        await handle.Completion.WaitAsync(Limit);

        var stored = await _host.Start(ScriptedModel.Saying("x")).Engine.GetRunAsync(TestEngine.Key("s"), handle.Record.Id, default);

        Assert.NotNull(stored.Outline);
        Assert.Equal(await EventsAsync(handle, 0), await EventsAsync(RunHandle.FromEnded(stored), 0));
        Assert.True(stored.Outline.Value.GetRawText().Length < 250, stored.Outline.Value.GetRawText());
    }

    [Fact]
    public async Task Delivered_text_is_in_the_journal_within_250_ms_and_nothing_is_written_when_nothing_is_new()
    {
        var run = await StartAsync(Streamed("s", "hi"), "Hel", "lo");
        var before = _host.Process.Writes.Count;

        _time.Advance(RunJournal.TextDelay);
        var after = _host.Process.Writes.Count;
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((before + 1, after), (after, _host.Process.Writes.Count));
        var output = Assert.IsType<JournalEntry.Output>(JournalDocument.Read(new JournalStep(0, _host.Process.Writes[^1].Steps[0])));
        Assert.Equal((0, "Hello"), (output.First, string.Concat(output.Updates.Select(u => u.Text))));
        Assert.Equal(RunStatus.Running, run.Status);
    }

    [Fact]
    public async Task Text_that_comes_again_after_a_crash_is_not_delivered_again_and_the_numbers_continue()
    {
        var lost = await StartAsync(Background("s", "hi"), "Hel", "lo");
        _time.Advance(RunJournal.TextDelay);

        var next = _host.Start(new ScriptedModel(_ => ScriptedModel.Say("H", "ello wor", "ld")));
        var (events, ended) = await RecoverAsync(next, lost, after: 3);

        Assert.Equal(["4: wor", "5:ld", "6:Completed"], events);
        Assert.Equal(["assistant: Hello world"], Lines(ended));
        Assert.Equal(["1:started", "2:Hel", "3:lo", "4: wor", "5:ld", "6:Completed"], await StoredEventsAsync(lost));
        Assert.Equal(["user: hi", "assistant: Hello world"], await next.StoredAsync("s"));
    }

    [Fact]
    public async Task Text_that_differs_after_a_crash_begins_a_new_message_behind_a_gap_and_the_old_one_is_marked_incomplete()
    {
        var lost = await StartAsync(Background("s", "hi"), "Hel", "lo");
        _time.Advance(RunJournal.TextDelay);

        var next = _host.Start(new ScriptedModel(_ => ScriptedModel.Say("Hel", "met")));
        var (events, ended) = await RecoverAsync(next, lost, after: 3);

        Assert.Equal(["4:<resumed>", "5:<incomplete>", "6:Hel", "7:met", "8:Completed"], events);
        Assert.Equal(["assistant: HelloAIContent", "assistant: Helmet"], Lines(ended));
        Assert.True(IncompleteMark.Is(ended.Output[0].Contents[^1]));
        Assert.Equal(["m", "m.2"], ended.Output.Select(m => m.MessageId));
        Assert.Equal(["user: hi", "assistant: Helmet"], await next.StoredAsync("s"));
        Assert.Equal(["1:started", "2:Hel", "3:lo", .. events], await StoredEventsAsync(lost));
    }

    [Fact]
    public async Task A_caller_who_has_more_than_the_journal_gets_the_end_of_a_run_that_was_lost()
    {
        var lost = await StartAsync(Streamed("s", "hi"), "Hel", "lo");
        _time.Advance(RunJournal.TextDelay);

        var (events, _) = await RecoverAsync(_host.Start(ScriptedModel.Saying("x")), lost, after: 3);

        Assert.Equal(["4:<resumed>", "5:Failed"], events);
        Assert.Equal(["1:started", "2:Hel", "3:lo", .. events], await StoredEventsAsync(lost));
    }

    [Fact]
    public async Task A_caller_gets_the_end_of_a_run_whose_journal_cannot_be_read_behind_a_gap()
    {
        var lost = await StartAsync(Background("s", "hi"), "Hel", "lo");
        _time.Advance(RunJournal.TextDelay);
        await _host.DamageAsync(lost);

        var (events, _) = await RecoverAsync(_host.Start(ScriptedModel.Saying("x")), lost, after: 1);

        Assert.Equal(["2:<resumed>", "3:Failed"], events);
    }

    [Fact]
    public async Task A_run_that_was_lost_before_the_journal_had_any_text_has_no_output()
    {
        var lost = await StartAsync(Streamed("s", "hi"), "Hel", "lo");

        var (events, ended) = await RecoverAsync(_host.Start(ScriptedModel.Saying("x")), lost, after: 0);

        var stored = await _host.Start(ScriptedModel.Saying("x")).Engine.GetRunAsync(lost.Session, lost.Id, default);

        Assert.Equal(["1:started", "2:<resumed>", "3:Failed"], events);
        Assert.Empty(ended.Output);
        Assert.Equal(events, await EventsAsync(RunHandle.FromEnded(stored), 0));
    }

    [Fact]
    public async Task A_caller_who_has_more_than_the_journal_gets_the_end_of_a_run_that_fails_when_it_is_continued()
    {
        var lost = await StartAsync(Background("s", "hi"), "Hel", "lo");
        _time.Advance(RunJournal.TextDelay);

        var (events, _) = await RecoverAsync(_host.Start(new ScriptedModel(_ => ScriptedModel.Break("Hello", " wor"))), lost, after: 3);

        Assert.Equal(["4: wor", "5:<resumed>", "6:Failed"], events);
        var stored = await _host.Start(ScriptedModel.Saying("x")).Engine.GetRunAsync(lost.Session, lost.Id, default);
        Assert.Empty(stored.Output);
        Assert.Equal(["1:started", "2:Hel", "3:lo", .. events], await EventsAsync(RunHandle.FromEnded(stored), 0));
    }

    [Theory]
    [InlineData("Hel", "lo")]
    [InlineData]
    public async Task The_events_of_a_failed_run_are_the_same_in_a_later_process(params string[] text)
    {
        var engine = _host.Start(new ScriptedModel(_ => ScriptedModel.Break(text)));
        var handle = await engine.Engine.StartAsync(Streamed("s", "hi"), default);
        var events = await EventsAsync(handle, 0);

        Assert.Equal($"{text.Length + 2}:Failed", events[^1]);
        Assert.Equal(events, await StoredEventsAsync(handle.Record));
        Assert.Empty((await engine.Engine.GetRunAsync(handle.Record.Session, handle.Record.Id, default)).Output);
    }

    [Fact]
    public async Task A_message_that_was_begun_anew_and_lost_again_continues()
    {
        var lost = await StartAsync(Background("s", "hi"), "Hel", "lo");
        _time.Advance(RunJournal.TextDelay);
        var second = _host.Start(new ScriptedModel(_ => SayThenHang("Hel", "met")));
        await second.Engine.RecoverAsync(default);
        await UntilAsync(second, lost, "met");
        _time.Advance(RunJournal.TextDelay);

        var (events, ended) = await RecoverAsync(_host.Start(new ScriptedModel(_ => ScriptedModel.Say("Helmet", "s"))), lost, after: 7);

        Assert.Equal(["8:s", "9:Completed"], events);
        Assert.Equal(["assistant: HelloAIContent", "assistant: Helmets"], Lines(ended));
    }

    [Fact]
    public async Task Text_of_a_run_that_was_left_is_complete_and_continues_without_a_gap()
    {
        var lost = await StartAsync(Background("s", "hi"), "Hel", "lo");
        var stopping = _engine!.Engine.StopAsync(TimeSpan.Zero, TimeSpan.FromDays(1));
        // The clock also counts the time that the stop gives the run, so that must be long.
        while (!stopping.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        var (events, ended) = await RecoverAsync(_host.Start(ScriptedModel.Saying("Help")), lost, after: 3);

        Assert.Equal(["4:<incomplete>", "5:Help", "6:Completed"], events);
        Assert.Equal(["assistant: HelloAIContent", "assistant: Help"], Lines(ended));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static PluginHost.Engine.Plugins.PluginInstance Tools() =>
        TestEngine.Plugin(new Probe.Context(_ => new ContextContribution { Tools = [AIFunctionFactory.Create(() => "acted", "act")] }), "tools");

    /// <summary>Starts a run whose model hangs behind a text, and waits until that was delivered.</summary>
    private async Task<RunRecord> StartAsync(RunCommand command, params string[] chunks)
    {
        _engine = _host.Start(new ScriptedModel(call => SayThenHang(chunks)));
        var handle = await _engine.Engine.StartAsync(command, default);
        await UntilAsync(_engine, handle.Record, chunks[^1]);
        return handle.Record;
    }

    private static async Task UntilAsync(TestEngine engine, RunRecord run, string text)
    {
        using var limit = new CancellationTokenSource(Limit);
        await foreach (var next in engine.Live.Find(run.Session, run.Id)!.ReadEventsAsync(0, limit.Token))
        {
            if (Describe(next).EndsWith($":{text}", StringComparison.Ordinal)) return;
        }
    }

    private static async Task<(List<string> Events, RunRecord Ended)> RecoverAsync(TestEngine engine, RunRecord run, long after)
    {
        await engine.Engine.RecoverAsync(default);
        var handle = engine.Live.Find(run.Session, run.Id)!;
        return (await EventsAsync(handle, after), await handle.Completion.WaitAsync(Limit));
    }

    private async Task<List<string>> StoredEventsAsync(RunRecord run) =>
        await EventsAsync(RunHandle.FromEnded(await _host.Start(ScriptedModel.Saying("x")).Engine.GetRunAsync(run.Session, run.Id, default)), 0);

    private static async Task<List<string>> EventsAsync(RunHandle handle, long after)
    {
        using var limit = new CancellationTokenSource(Limit);
        var events = new List<string>();
        await foreach (var next in handle.ReadEventsAsync(after, limit.Token)) events.Add(Describe(next));
        return events;
    }

    private static string Describe(RunEvent next) => $"{next.Id}:" + next switch
    {
        RunEvent.Started => "started",
        RunEvent.Ended ended => $"{ended.Run.Status}",
        RunEvent.Updated { Update: var update } when ResumedMark.Is(update) => "<resumed>",
        RunEvent.Updated { Update: var update } => string.Concat(update.Contents.Select(c => IncompleteMark.Is(c) ? "<incomplete>" : c switch
        {
            TextContent text => text.Text,
            FunctionCallContent call => $"<{call.Name}>",
            FunctionResultContent result => $"[{result.Result}]",
            _ => c.GetType().Name,
        })),
        _ => "",
    };

    private async IAsyncEnumerable<ChatResponseUpdate> SayThenHang(params string[] chunks)
    {
        await foreach (var update in ScriptedModel.Say(chunks)) yield return update;
        await _never.Task;
    }
}
