using Microsoft.Extensions.AI;
using PluginHost.OpenAI.Items;

namespace PluginHost.Anthropic.Messages;

/// <summary>The messages of a request, in the types of models: results of tools become messages apart from what a person says.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="Positions">The index in the request that each came from, for errors.</param>
internal sealed record MessagesInput(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<int> Positions)
{
    public static MessagesInput From(IReadOnlyList<MessageBody> all)
    {
        var (messages, positions) = (new List<ChatMessage>(all.Count), new List<int>(all.Count));
        for (var i = 0; i < all.Count; i++)
        {
            ChatMessage? current = null;
            foreach (var content in all[i].Content.SelectMany(b => b.ToContents()))
            {
                // Clients send empty texts beside calls; models refuse them.
                if (content is TextContent { Text: "" }) continue;
                var role = content is FunctionResultContent ? ChatRole.Tool : new ChatRole(all[i].Role);
                if (current?.Role != role)
                {
                    messages.Add(current = new ChatMessage(role, new List<AIContent>()));
                    positions.Add(i);
                }

                current.Contents.Add(content);
            }
        }

        CallNotes.Apply(messages);
        return new MessagesInput(messages, positions);
    }
}
