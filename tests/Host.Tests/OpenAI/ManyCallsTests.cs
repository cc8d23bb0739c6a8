using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Anthropic.Messages;
using PluginHost.OpenAI.Chat;
using PluginHost.Sdk;

namespace PluginHost.Tests.OpenAI;

public sealed class ManyCallsTests
{
    /// <summary>Quadratic work on so many calls takes minutes; linear work takes milliseconds.</summary>
    private const int Calls = 200_000;

    [Fact]
    public void An_answer_with_very_many_calls_takes_seconds_at_most()
    {
        var answer = new ChatMessage(ChatRole.Assistant, [.. Enumerable.Range(0, Calls).Select(i => new FunctionCallContent($"call-{i:D9}", "tool"))]);
        var run = new RunRecord { Id = "r", Session = new SessionKey("default", "s"), Agent = "assistant", Status = RunStatus.RequiresAction, CreatedAt = DateTimeOffset.UnixEpoch, Output = [answer] };
        var started = Stopwatch.GetTimestamp();

        Assert.Equal(Calls, ChatAnswer.From(run).Choices[0].Message.ToolCalls!.Count);
        Assert.Equal(Calls, MessagesAnswer.BlocksOf(run, showsThinking: false).Count);

        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }
}
