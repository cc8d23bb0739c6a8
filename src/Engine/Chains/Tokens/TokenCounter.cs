using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.Engine.Chains.Tokens;

/// <summary>Counts the tokens of text by an encoding: of messages, calls and results, without images and files. For one request.</summary>
internal sealed class TokenCounter(TextEncoding encoding, CancellationToken cancellationToken = default)
{
    public long Count { get; private set; }

    public void Add(ChatMessage message)
    {
        for (var i = 0; i < message.Contents.Count; i++) Add(message.Contents[i]);
    }

    public void Add(string? text) => Count += encoding.Count(text, cancellationToken);

    private void Add(AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                Add(text.Text);
                break;
            case TextReasoningContent reasoning:
                Add(reasoning.Text);
                break;
            case ErrorContent refusal:
                Add(refusal.Message);
                break;
            case FunctionCallContent call:
                Add(call.Name);
                Add(CallArguments.ToText(call));
                break;
            case FunctionResultContent { Result: IEnumerable<AIContent> parts }:
                foreach (var part in parts) Add(part);
                break;
            case FunctionResultContent { Result: JsonElement { ValueKind: not JsonValueKind.String } json }:
                Add(json.GetRawText());
                break;
            case FunctionResultContent result:
                Add(result.Result?.ToString());
                break;
            default:
                if (WireItem.Find(content) is { } item) Add(item.GetRawText());
                break;
        }
    }
}
