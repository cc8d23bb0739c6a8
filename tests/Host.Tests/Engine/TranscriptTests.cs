using PluginHost.Engine.Runs.Transcripts;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>A caller who sends the conversation again.</summary>
public sealed class TranscriptTests
{
    [Fact]
    public async Task A_transcript_that_is_sent_again_is_not_stored_again()
    {
        var model = ScriptedModel.Saying("hello");
        await using var engine = new TestEngine(model, []);
        var transcript = new List<ChatMessage>();

        for (var turn = 0; turn < 20; turn++)
        {
            transcript.Add(new(ChatRole.User, $"turn {turn}"));
            var run = await engine.RunAsync(Command("s", "") with { Input = [.. transcript] });
            Assert.Equal(RunStatus.Completed, run.Status);
            transcript.AddRange(run.Output);
        }

        Assert.Equal(40, (await engine.StoredAsync("s")).Count);
        transcript[0] = new(ChatRole.User, "turn 0");
        transcript[1] = new(ChatRole.Assistant, "something else");
        transcript.Add(new(ChatRole.User, "more"));
        var diverged = await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync(Command("s", "") with { Input = [.. transcript] }));
        Assert.Equal((409, "transcript-diverged"), (diverged.Status, diverged.Type.Slug));
        Assert.Equal(40, (await engine.StoredAsync("s")).Count);
    }

    [Fact]
    public async Task A_lone_message_that_repeats_an_earlier_one_is_new()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("hello"), []);

        await engine.RunAsync("s", "hi");
        await engine.RunAsync("s", "hi");

        Assert.Equal(4, (await engine.StoredAsync("s")).Count);
    }

    [Fact]
    public void Neighbouring_messages_are_joined_at_a_linear_cost()
    {
        var text = new string('x', 1000);
        ChatMessage[] messages = [.. Enumerable.Range(0, 2000).Select(_ => new ChatMessage(ChatRole.User, text))];

        var before = GC.GetAllocatedBytesForCurrentThread();
        var turn = Assert.Single(TranscriptTurns.From(messages));

        Assert.Equal((2_000_000, 2000), (turn.Text.Length, turn.End));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
    }
}
