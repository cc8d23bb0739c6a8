using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine.Journal;
using static PluginHost.Tests.Engine.Approvals.ApprovalHost;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Approvals;

/// <summary>Runs that are cancelled while they wait stay cancelled, whatever becomes of the process.</summary>
public sealed class CancelledRunTests : IAsyncDisposable
{
    private readonly ApprovalHost _host = new();
    private readonly TaskCompletionSource _never = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_interrupts_during_the_parking_cancels_the_parked_run_and_keeps_its_place(bool background)
    {
        var engine = _host.Start(new ScriptedModel(Pay(), _ => Say("instead"), _ => Say("behind")));
        var (parking, stored) = (new TaskCompletionSource(), new TaskCompletionSource());
        _host.Host.Process.BeforeWrite = async write =>
        {
            if (write.Run?.Status != RunStatus.RequiresAction) return;
            parking.TrySetResult();
            await stored.Task;
        };
        var first = engine.RunAsync("s", "pay");
        await parking.Task.WaitAsync(Limit);

        var instead = engine.RunAsync(TestEngine.Command("s", "instead") with { Busy = BusyPolicy.Interrupt, Background = background });
        await UntilAsync(() => engine.Live.InSession(TestEngine.Key("s")).Count() == 2);
        var behind = engine.RunAsync("s", "behind");
        await UntilAsync(() => engine.Live.InSession(TestEngine.Key("s")).Count() == 3);
        stored.SetResult();
        var (parked, next, last) = (await first, await instead.WaitAsync(Limit), await behind.WaitAsync(Limit));

        Assert.Equal((RunStatus.Completed, RunStatus.Completed), (next.Status, last.Status));
        Assert.Equal(RunStatus.Cancelled, (await engine.Engine.GetRunAsync(parked.Session, parked.Id, default)).Status);
        Assert.Equal(["user: pay", "user: instead", "user: behind"], (await engine.StoredAsync("s")).Where(m => m.StartsWith("user", StringComparison.Ordinal)));
        Assert.Empty(_host.Effects);
        Assert.Empty(await _host.Host.OpenRunsAsync());
    }

    [Fact]
    public async Task A_parked_run_that_was_cancelled_ends_as_cancelled_in_the_next_process_when_this_one_is_lost()
    {
        var engine = _host.Start(new ScriptedModel(_ => Calls(("1", "pay", 1), ("2", "pay", 2))));
        var parked = await engine.RunAsync(Background("s", "pay"));
        // It would let the next process continue the run.
        await DecideAsync(engine, Pending(parked)[0].Id);
        var saving = new TaskCompletionSource();
        _host.Host.Process.BeforeSave = _ =>
        {
            saving.TrySetResult();
            return new ValueTask(_never.Task);
        };
        _ = engine.Engine.CancelAsync(parked.Session, parked.Id, default).AsTask();
        await saving.Task.WaitAsync(Limit);
        _host.Host.Process.Lose();

        var next = _host.Start(new ScriptedModel(_ => Say("done")));
        await next.Engine.RecoverAsync(default);
        var ended = await EndAsync(next, parked);

        Assert.Equal(RunStatus.Cancelled, ended.Status);
        Assert.Empty(_host.Effects);
        Assert.Empty(await _host.Host.OpenRunsAsync());
    }

    [Fact]
    public async Task A_background_run_that_was_cancelled_before_its_turn_is_cancelled_in_the_next_process_too()
    {
        var engine = _host.Start(new ScriptedModel(call => HangAsync(call.Cancellation)));
        await engine.Engine.StartAsync(Background("s", "first"), default);
        var waiting = (await engine.Engine.StartAsync(Background("s", "second"), default)).Record;

        var answer = await engine.Engine.CancelAsync(waiting.Session, waiting.Id, default).AsTask().WaitAsync(Limit);
        _host.Host.Process.Lose();
        var model = new ScriptedModel(_ => Say("done"));
        var next = _host.Start(model);
        await next.Engine.RecoverAsync(default);
        var ended = await EndAsync(next, waiting);

        Assert.Equal((RunStatus.Cancelled, RunStatus.Cancelled), (answer.Status, ended.Status));
        Assert.Equal(["user: first"], Assert.Single(model.Calls).Messages.Select(m => $"user: {m.Text}"));
        Assert.Empty(await _host.Host.OpenRunsAsync());
    }

    [Fact]
    public async Task A_background_run_that_waits_in_the_next_process_ends_at_once_when_it_is_cancelled_there()
    {
        var engine = _host.Start(new ScriptedModel(call => HangAsync(call.Cancellation)));
        await engine.Engine.StartAsync(Background("s", "first"), default);
        var waiting = (await engine.Engine.StartAsync(Background("s", "second"), default)).Record;
        var next = _host.Start(new ScriptedModel(call => HangAsync(call.Cancellation)));
        await next.Engine.RecoverAsync(default);

        var answer = await next.Engine.CancelAsync(waiting.Session, waiting.Id, default).AsTask().WaitAsync(Limit);
        var model = new ScriptedModel(_ => Say("done"));
        var last = _host.Start(model);
        await last.Engine.RecoverAsync(default);
        var ended = await EndAsync(last, waiting);

        Assert.Equal((RunStatus.Cancelled, RunStatus.Cancelled), (answer.Status, ended.Status));
        Assert.Single(model.Calls);
        Assert.Empty(await _host.Host.OpenRunsAsync());
    }

    [Fact]
    public async Task A_cancel_that_was_stored_without_an_answer_ends_the_run_when_it_is_repeated()
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync("s", "pay");
        _host.Host.Process.BeforeWrite = async write =>
        {
            await _host.Host.Store.WriteAsync(write, default);
            throw new IOException("The connection was lost.");
        };
        await RefusedAsync(async () => await engine.Engine.CancelAsync(parked.Session, parked.Id, default));
        _host.Host.Process.BeforeWrite = static _ => default;

        var ended = await engine.Engine.CancelAsync(parked.Session, parked.Id, default);

        Assert.Equal(RunStatus.Cancelled, ended.Status);
        Assert.Equal(RunStatus.Completed, (await engine.RunAsync("s", "more")).Status);
        Assert.Empty(_host.Effects);
    }

    [Fact]
    public async Task A_background_run_that_was_cancelled_before_its_turn_is_no_reason_to_warn_of_a_missing_journal()
    {
        using var logs = new LogLines();
        await using var host = new ApprovalHost { Host = new JournaledHost { Logs = logs } };
        var engine = host.Start(new ScriptedModel(call => HangAsync(call.Cancellation)));
        var first = (await engine.Engine.StartAsync(Background("s", "first"), default)).Record;
        var second = (await engine.Engine.StartAsync(Background("s", "second"), default)).Record;

        await engine.Engine.CancelAsync(second.Session, second.Id, default).AsTask().WaitAsync(Limit);
        await engine.Engine.CancelAsync(first.Session, first.Id, default).AsTask().WaitAsync(Limit);
        using var limit = new CancellationTokenSource(Limit);
        while ((await host.Host.OpenRunsAsync()).Count > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Empty(logs.Of("keeps no journal"));
    }

    [Fact]
    public async Task A_retry_of_a_run_whose_cancel_was_stored_without_an_answer_makes_no_call_and_ends_it()
    {
        var engine = _host.Start(new ScriptedModel(_ => Calls(("1", "pay", 1), ("2", "pay", 2)), _ => Say("done")));
        var command = TestEngine.Command("s", "pay") with { IdempotencyKey = "k", RequestHash = "h" };
        var parked = await engine.RunAsync(command);
        await DecideAsync(engine, Pending(parked)[0].Id);
        _host.Host.Process.BeforeWrite = async write =>
        {
            await _host.Host.Store.WriteAsync(write, default);
            throw new IOException("The connection was lost.");
        };
        await RefusedAsync(async () => await engine.Engine.CancelAsync(parked.Session, parked.Id, default));
        _host.Host.Process.BeforeWrite = static _ => default;

        var again = await engine.RunAsync(command with { });

        Assert.Equal((parked.Id, RunStatus.Cancelled), (again.Id, again.Status));
        Assert.Empty(_host.Effects);
        Assert.Empty(await _host.Host.OpenRunsAsync());
    }

    [Fact]
    public async Task A_parked_run_whose_journal_cannot_be_read_can_be_cancelled()
    {
        var engine = _host.Start(PayThenSay());
        var parked = await engine.RunAsync("s", "pay");
        await _host.Host.DamageAsync(parked);

        Assert.Equal(RunStatus.Cancelled, (await engine.Engine.CancelAsync(parked.Session, parked.Id, default)).Status);
        Assert.Equal(RunStatus.Completed, (await engine.RunAsync("s", "more")).Status);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!isSo())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> HangAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _never.Task.WaitAsync(cancellationToken);
        yield break;
    }
}
