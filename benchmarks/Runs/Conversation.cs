using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.Runs;

/// <summary>The messages that sessions contain before a measurement.</summary>
public static class Conversation
{
    public const string Input = "What is the answer, in short?";

    /// <summary>Creates alternating messages of a user and an assistant.</summary>
    public static List<ChatMessage> Create(int messages) =>
        [.. Enumerable.Range(0, messages).Select(i => i % 2 == 0
            ? new ChatMessage(ChatRole.User, $"Question {i}: how does this go on, and why?")
            : new ChatMessage(ChatRole.Assistant, $"Answer {i}: it goes on as it began, for the same reason."))];
}
