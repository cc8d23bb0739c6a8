using Microsoft.Extensions.AI;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>What changes the output changes it in every run, and gives back what it held.</summary>
public sealed class OutputTests
{
    [Fact]
    public async Task A_change_that_throws_is_its_plugins_error_wherever_others_stand()
    {
        foreach (var atEnd in new[] { false, true })
        {
            await using var engine = new TestEngine(
                ScriptedModel.Saying("ok"),
                [
                    Plugin(Probe.Replacing("x", "y"), "outer"),
                    Plugin(Changing(s => Throw(s, atEnd)), "broken"),
                    Plugin(Probe.Replacing("x", "y"), "inner"),
                    Plugin(new Probe.Middleware((r, next, ct) => next(r, ct)), "innermost"),
                ]);

            var run = await engine.RunAsync("s", "hi");

            Assert.Equal((RunStatus.Failed, "plugin_error"), (run.Status, run.Error!.Type));
            Assert.Equal("Plugin 'broken' failed in Through. System.FormatException: the host's log has the cause.", run.Error.Message);
        }

        static async IAsyncEnumerable<ChatResponseUpdate> Throw(IAsyncEnumerable<ChatResponseUpdate> stream, bool atEnd)
        {
            await foreach (var update in stream)
            {
                if (!atEnd) throw new FormatException("no change");
                yield return update;
            }

            throw new FormatException("no change");
        }
    }

    [Fact]
    public async Task The_first_chunk_leaves_before_the_model_says_its_second()
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = new TestEngine(
            new ScriptedModel(_ => SayTwo()),
            [
                Plugin(Probe.Replacing("x", "y"), "m"),
                Plugin(new Probe.Chat((inner, _) => new Passing(inner)), "chat"),
                Plugin(new Probe.Context(_ => new() { Tools = [AIFunctionFactory.Create(() => 1, "tool")] }), "tools"),
            ]);

        var handle = await engine.Engine.StartAsync(Command("s", "hi"), default);
        await foreach (var e in handle.ReadEventsAsync(0, default))
        {
            if (e is RunEvent.Updated { Update.Text: "one" }) seen.TrySetResult();
        }

        Assert.Equal("one two", (await handle.Completion).Output.Single().Text);

        async IAsyncEnumerable<ChatResponseUpdate> SayTwo()
        {
            yield return new(ChatRole.Assistant, "one");
            await seen.Task.WaitAsync(TimeSpan.FromSeconds(20));
            yield return new(ChatRole.Assistant, " two");
        }
    }

    [Fact]
    public async Task A_middleware_that_collects_the_output_itself_answers_with_what_it_returns()
    {
        await using var engine = new TestEngine(
            ScriptedModel.Saying("draft"),
            [Plugin(new Probe.Middleware(async (r, next, ct) =>
            {
                var response = await next(r with { Output = RunOutput.Create() }, ct);
                return RunResponse.FromText($"checked {response.Text}");
            }), "m")]);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal("checked draft", run.Output.Single().Text);
    }

    [Fact]
    public async Task Nothing_can_be_written_when_the_run_has_ended()
    {
        RunOutput? kept = null;
        await using var engine = new TestEngine(
            ScriptedModel.Saying("ok"),
            [Plugin(new Probe.Middleware((r, next, ct) =>
            {
                kept = r.Output;
                return next(r, ct);
            }), "m")]);

        await engine.RunAsync("s", "hi");

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await kept!.WriteAsync(new(ChatRole.Assistant, "late"), default));
    }

    private static Probe.Middleware Changing(Func<IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerable<ChatResponseUpdate>> change) =>
        new((request, next, ct) => next(request with { Output = request.Output.Through(change) }, ct));

    private sealed class Passing(IChatClient inner) : DelegatingChatClient(inner);
}
