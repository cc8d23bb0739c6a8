using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

public sealed class RunTests
{
    [Fact]
    public async Task A_session_remembers_what_was_said()
    {
        var model = ScriptedModel.Saying("hello");
        await using var engine = new TestEngine(model, []);

        var first = await engine.RunAsync("s", "hi");
        var second = await engine.RunAsync("s", "again");

        Assert.Equal(RunStatus.Completed, first.Status);
        Assert.Equal("hello", first.Output[0].Text);
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(["user: hi", "assistant: hello", "user: again"], model.Sent(1));
        Assert.Equal(["user: hi", "assistant: hello", "user: again", "assistant: hello"], await engine.StoredAsync("s"));
    }

    [Fact]
    public async Task A_failed_run_stores_its_input_as_failed_and_the_next_run_does_not_see_it()
    {
        var model = new ScriptedModel(_ => ScriptedModel.Break("par", "tial"), _ => ScriptedModel.Say("fine"));
        await using var engine = new TestEngine(model, []);

        var failed = await engine.RunAsync("s", "one");
        var next = await engine.RunAsync("s", "two");

        Assert.Equal((RunStatus.Failed, "model_error"), (failed.Status, failed.Error!.Type));
        Assert.Equal("The model failed: System.InvalidOperationException: the host's log has the cause.", failed.Error.Message);
        Assert.Empty(failed.Output);
        Assert.Equal(RunStatus.Completed, next.Status);
        Assert.Equal(["user: two"], model.Sent(1));
        Assert.Equal(["user: one", "user: two", "assistant: fine"], await engine.StoredAsync("s", includeFailed: true));
    }

    [Fact]
    public async Task A_cancelled_run_stores_input_and_partial_output_and_the_next_run_sees_both()
    {
        var saidPart = new TaskCompletionSource();
        var model = new ScriptedModel(call => SayThenHang(saidPart, call.Cancellation), _ => ScriptedModel.Say("fine"));
        await using var engine = new TestEngine(model, []);

        var handle = await engine.Engine.StartAsync(Command("s", "one"), default);
        await saidPart.Task;
        var cancelled = await engine.Engine.CancelAsync(Key("s"), handle.Record.Id, default);
        await engine.RunAsync("s", "two");

        Assert.Equal(RunStatus.Cancelled, cancelled.Status);
        Assert.Equal("part", cancelled.Output[0].Text);
        Assert.Equal(["user: one", "assistant: part", "user: two"], model.Sent(1));

        static async IAsyncEnumerable<ChatResponseUpdate> SayThenHang(
            TaskCompletionSource saidPart, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
        {
            yield return new(ChatRole.Assistant, "part");
            saidPart.SetResult();
            var never = new TaskCompletionSource();
            await never.Task.WaitAsync(ct);
        }
    }

    [Fact]
    public async Task A_run_streams_what_it_returns()
    {
        await using var engine = new TestEngine(new ScriptedModel(_ => ScriptedModel.Say("a", "b", "c")), []);

        var handle = await engine.Engine.StartAsync(Command("s", "hi"), default);
        var events = new List<RunEvent>();
        await foreach (var e in handle.ReadEventsAsync(0, default)) events.Add(e);
        var resumed = new List<long>();
        await foreach (var e in handle.ReadEventsAsync(3, default)) resumed.Add(e.Id);

        Assert.IsType<RunEvent.Started>(events[0]);
        Assert.Equal("abc", string.Concat(events.OfType<RunEvent.Updated>().Select(u => u.Update.Text)));
        Assert.Equal("abc", Assert.IsType<RunEvent.Ended>(events[^1]).Run.Output.Single().Text);
        Assert.Equal([1, 2, 3, 4, 5], events.Select(e => e.Id));
        Assert.Equal([4, 5], resumed);
    }

    [Fact]
    public async Task The_same_idempotency_key_gives_the_stored_run_and_another_body_is_refused()
    {
        var model = new ScriptedModel(_ => ScriptedModel.Break(), _ => ScriptedModel.Say("one"), _ => ScriptedModel.Say("two"));
        await using var engine = new TestEngine(model, []);
        var command = Command("s", "hi") with { IdempotencyKey = "k", RequestHash = "h" };

        var failed = await engine.RunAsync(command);
        var retried = await engine.RunAsync(command);
        var replayed = await engine.RunAsync(command);

        Assert.Equal(RunStatus.Failed, failed.Status);
        Assert.Equal((failed.Id, 2, "one"), (retried.Id, retried.Attempt, retried.Output[0].Text));
        Assert.Equal((retried.Id, "one"), (replayed.Id, replayed.Output[0].Text));
        Assert.Equal(2, model.Calls.Count);
        Assert.Equal(["user: hi", "assistant: one"], await engine.StoredAsync("s", includeFailed: true));
        var other = await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync(command with { RequestHash = "other" }));
        Assert.Equal(422, other.Status);
    }

    [Fact]
    public async Task Runs_on_one_session_are_one_at_a_time_and_none_is_lost()
    {
        var inside = 0;
        var most = 0;
        var model = new ScriptedModel(_ => Counted());
        await using var engine = new TestEngine(model, []);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => engine.RunAsync("s", $"message {i}"))));

        Assert.Equal(1, most);
        var stored = await engine.StoredAsync("s");
        Assert.Equal(100, stored.Count);
        Assert.All(stored.Index(), m => Assert.StartsWith(m.Index % 2 == 0 ? "user" : "assistant", m.Item));

        async IAsyncEnumerable<ChatResponseUpdate> Counted()
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            await Task.Yield();
            yield return new(ChatRole.Assistant, "ok");
            Interlocked.Decrement(ref inside);
        }
    }
}
