using Microsoft.Extensions.AI;

namespace PluginHost.OpenAI.Chat;

/// <summary>A request of a chat completion, in the types of models.</summary>
/// <param name="Body">The body, without errors.</param>
internal sealed record ChatRequest(ChatBody Body)
{
    public ChatInput Input { get; } = ChatInput.From(Body.Messages);

    public ChatOptions Options { get; } = Body.ToOptions();

    public IReadOnlyList<AITool> Tools { get; } = [.. (Body.Tools ?? []).Select(t => t.Function.ToTool())];

    /// <summary>Whether a stream ends with a chunk for the tokens used.</summary>
    public bool IncludeUsage => Body.StreamOptions?.IncludeUsage ?? false;
}

/// <summary>The messages of a request.</summary>
/// <param name="Instructions">The text of the system or developer messages at the beginning; null when there are none.</param>
/// <param name="Messages">The others, without empty ones.</param>
/// <param name="Positions">The index of each of those in the request, for errors.</param>
internal sealed record ChatInput(string? Instructions, IReadOnlyList<ChatMessage> Messages, IReadOnlyList<int> Positions)
{
    public static ChatInput From(IReadOnlyList<ChatRequestMessage> all)
    {
        var (instructions, messages, positions) = (new List<string>(), new List<ChatMessage>(all.Count), new List<int>(all.Count));
        for (var i = 0; i < all.Count; i++)
        {
            var message = all[i].ToMessage();
            if (messages.Count == 0 && all[i] is InstructionMessage)
            {
                instructions.Add(message.Text);
            }
            else if (message.Contents.Count > 0)
            {
                messages.Add(message);
                positions.Add(i);
            }
        }

        return new ChatInput(instructions.Count == 0 ? null : string.Join('\n', instructions), messages, positions);
    }
}
