using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Explain;

namespace PluginHost.Native.Resources;

/// <summary>The tokens of the parts of an explanation: counted when they are read, where the model's encoding is known, and otherwise the estimate.</summary>
internal sealed class ExplainedTokens(TextEncoding? encoding, IReadOnlyList<ChatMessage> contents, CancellationToken cancellationToken)
{
    private readonly Dictionary<int, long> _counts = [];

    public static ExplainedTokens Estimated { get; } = new(null, [], CancellationToken.None);

    public bool AreCounted => encoding is not null;

    public long Of(ExplainedText text) => encoding?.Count(text.Text, cancellationToken) ?? text.Tokens;

    public long Of(ExplainedTool tool) => encoding is null
        ? tool.Tokens
        : TokenWeights.PerTool + encoding.Count($"{tool.Name} {tool.Description} {tool.Parameters}", cancellationToken);

    public long Of(ExplainedMessage message)
    {
        if (encoding is null) return message.Tokens;
        if (_counts.TryGetValue(message.Content, out var known)) return known;
        var counter = new TokenCounter(encoding, cancellationToken);
        counter.Add(contents[message.Content]);
        return _counts[message.Content] = counter.Count + TokenWeights.PerMessage + TokenWeights.MediaOf(contents[message.Content]);
    }
}
