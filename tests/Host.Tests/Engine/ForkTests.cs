using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.InMemory;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>A fork is a separate session with the history up to a run.</summary>
public sealed class ForkTests
{
    [Fact]
    public async Task A_fork_goes_its_own_way()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), []);
        var first = await engine.RunAsync("s", "one");
        await engine.RunAsync("s", "two");

        await engine.Sessions.ForkAsync(Key("s"), "whole", null, default);
        await engine.Sessions.ForkAsync(Key("s"), "part", first.Id, default);
        var named = await engine.Sessions.ForkAsync(Key("s"), null, null, default);
        await engine.RunAsync("part", "three");
        await engine.Sessions.DeleteAsync(Key("s"), default);

        Assert.Equal(["user: one", "assistant: ok", "user: three", "assistant: ok"], await engine.StoredAsync("part"));
        Assert.Equal(4, (await engine.StoredAsync("whole")).Count);
        Assert.Equal(4, (await engine.StoredAsync(named.Key.Id)).Count);
    }

    [Fact]
    public async Task A_fork_up_to_a_cancelled_run_has_its_partial_output_and_up_to_a_failed_one_has_what_was_before()
    {
        var hanging = new Hanging();
        var model = new ScriptedModel(
            _ => ScriptedModel.Say("ok"), call => SayThenWait(hanging, call.Cancellation), _ => ScriptedModel.Break(), _ => ScriptedModel.Say("ok"));
        await using var engine = new TestEngine(model, []);
        await engine.RunAsync("s", "one");
        var handle = await engine.Engine.StartAsync(Command("s", "two"), default);
        await hanging.Entered;
        handle.Cancel();
        var cancelled = await handle.Completion;
        var failed = await engine.RunAsync("s", "three");
        await engine.RunAsync("s", "four");

        await engine.Sessions.ForkAsync(Key("s"), "to-cancelled", cancelled.Id, default);
        await engine.Sessions.ForkAsync(Key("s"), "to-failed", failed.Id, default);

        string[] expected = ["user: one", "assistant: ok", "user: two", "assistant: part"];
        Assert.Equal(expected, await engine.StoredAsync("to-cancelled", includeFailed: true));
        Assert.Equal(expected, await engine.StoredAsync("to-failed", includeFailed: true));
    }

    [Fact]
    public async Task A_fork_of_what_is_not_there_or_to_what_is_there_changes_nothing()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), []);
        await engine.RunAsync("s", "one");
        await engine.RunAsync("t", "other");

        var unknownRun = await Refused(() => engine.Sessions.ForkAsync(Key("s"), "f", "run_nowhere", default));
        var unknownSession = await Refused(() => engine.Sessions.ForkAsync(Key("none"), "f", null, default));
        var exists = await Refused(() => engine.Sessions.ForkAsync(Key("s"), "t", null, default));
        var itself = await Refused(() => engine.Sessions.ForkAsync(Key("s"), "s", null, default));

        Assert.Equal(["run-not-found", "session-not-found", "session-exists", "session-exists"], new[] { unknownRun, unknownSession, exists, itself }.Select(r => r.Type.Slug));
        Assert.Empty(await engine.StoredAsync("f"));
        Assert.Equal(2, (await engine.StoredAsync("t")).Count);
    }

    [Fact]
    public async Task A_fork_to_an_id_that_a_first_run_is_creating_waits_and_adds_nothing_to_it()
    {
        var hanging = new Hanging();
        var model = new ScriptedModel(_ => ScriptedModel.Say("ok"), call => SayThenWait(hanging, call.Cancellation));
        await using var engine = new TestEngine(model, []);
        await engine.RunAsync("s", "one");
        var creating = engine.RunAsync("t", "mine");
        await hanging.Entered;

        var forking = Refused(() => engine.Sessions.ForkAsync(Key("s"), "t", null, default));
        hanging.LetGo();
        await creating;

        Assert.Equal("session-exists", (await forking).Type.Slug);
        Assert.Equal(["user: mine", "assistant: part"], await engine.StoredAsync("t"));
    }

    [Fact]
    public async Task A_fork_of_a_masked_session_still_recognises_the_callers_transcript()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("the secret"), [Plugin(new InMemoryHistory(), "h"), Plugin(Probe.Replacing("secret", "***"), "mask")]);
        var run = await engine.RunAsync("s", "my secret");
        await engine.Sessions.ForkAsync(Key("s"), "f", null, default);

        await engine.RunAsync(Command("f", "") with { Input = [new(ChatRole.User, "my secret"), .. run.Output, new(ChatRole.User, "more")] });

        Assert.Equal(["user: my ***", "assistant: the ***", "user: more", "assistant: the ***"], await engine.StoredAsync("f"));
    }

    private static Task<ProblemException> Refused<T>(Func<ValueTask<T>> call) => Assert.ThrowsAsync<ProblemException>(async () => await call());

    private static async IAsyncEnumerable<ChatResponseUpdate> SayThenWait(
        Hanging hanging, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new(ChatRole.Assistant, "part");
        await hanging.ForeverAsync().WaitAsync(cancellationToken);
    }
}
