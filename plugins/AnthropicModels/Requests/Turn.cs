using Microsoft.Extensions.AI;
using PluginHost.AnthropicModels.Answers;

namespace PluginHost.AnthropicModels.Requests;

/// <summary>
/// The messages that one speaker has in a row, which are one message of the interface: all results of calls have to be in the message behind the calls,
/// before anything else.
/// </summary>
/// <param name="IsAssistant">Whether the model speaks.</param>
/// <param name="Contents">What it sends.</param>
internal sealed record Turn(bool IsAssistant, List<AIContent> Contents)
{
    public static bool IsSystem(ChatRole role) => role == ChatRole.System || role.Value == "developer";

    public static IReadOnlyList<Turn> From(IEnumerable<ChatMessage> messages)
    {
        var turns = new List<Turn>();
        foreach (var message in messages.Where(static m => !IsSystem(m.Role)))
        {
            var isAssistant = message.Role == ChatRole.Assistant;
            var contents = message.Contents.Where(c => IsSent(c, isAssistant)).ToList();
            if (contents.Count == 0) continue;
            if (turns is not [.., var last] || last.IsAssistant != isAssistant) turns.Add(last = new Turn(isAssistant, []));
            last.Contents.AddRange(contents);
        }

        return [.. turns.Select(static t => t.IsAssistant ? t : t with { Contents = [.. t.Contents.OrderBy(static c => c is not FunctionResultContent)] })];
    }

    /// <summary>Whether the model called tools here without a thinking block at the beginning.</summary>
    public bool CallsWithoutThinking =>
        IsAssistant && Contents.Exists(static c => c is FunctionCallContent) && Contents[0] is not TextReasoningContent;

    /// <summary>The service refuses texts that are empty or white space, and files that the model gave: another model's, since it gives none.</summary>
    private static bool IsSent(AIContent content, bool isAssistant) => content switch
    {
        TextContent text => !string.IsNullOrWhiteSpace(text.Text),
        TextReasoningContent reasoning => ThinkingMark.Find(reasoning) is not null,
        FunctionCallContent or FunctionResultContent => true,
        DataContent or UriContent or HostedFileContent => !isAssistant,
        _ => false,
    };
}
