using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Explain;
using PluginHost.Sdk;

namespace PluginHost.Native.Resources;

/// <summary>The messages of an explanation, each made once.</summary>
internal sealed class ExplainedContents
{
    private readonly RunExplanation _run;
    private readonly CancellationToken _cancellationToken;
    private readonly ChatMessage[] _contents;
    private readonly IReadOnlyList<ContentPart>[] _parts;
    private readonly Dictionary<TextEncoding, ExplainedTokens> _counts = [];

    public ExplainedContents(RunExplanation run, CancellationToken cancellationToken)
    {
        (_run, _cancellationToken) = (run, cancellationToken);
        _contents = [.. run.Contents.Select(c => c.Deserialize(ChatJson.Message)!)];
        _parts = [.. _contents.Select(c => MessageJson.FromContents(c.Contents))];
    }

    public static string RoleOf(JsonElement message) => message.TryGetProperty("role", out var role) ? role.GetString()! : "user";

    /// <summary>The tokens of parts as a model counts them.</summary>
    public ExplainedTokens TokensOf(string? model)
    {
        if (KnownModel.Find(model)?.Encoding is not { } encoding) return ExplainedTokens.Estimated;
        if (!_counts.TryGetValue(encoding, out var tokens)) _counts[encoding] = tokens = new ExplainedTokens(encoding, _contents, _cancellationToken);
        return tokens;
    }

    public ExplainedMessageResource Message(int index, ExplainedTokens tokens)
    {
        var message = _run.Messages[index];
        var content = _contents[message.Content];
        return new(content.Role.Value, _parts[message.Content], message.Source, message.State, tokens.Of(message))
        {
            Id = content.MessageId,
            Plugin = message.Plugin,
            ChangedBy = message.ChangedBy,
            Before = message.Before is { } before ? _parts[before] : null,
            BeforeWithheld = message.BeforeWithheld ? true : null,
        };
    }

    public ExplainedLeftOutResource LeftOut(ExplainedLeftOut leftOut) => new(leftOut.Reason, leftOut.Count, leftOut.Tokens)
    {
        Plugin = leftOut.Plugin,
        HasMore = leftOut.HasMore ? true : null,
        Content = leftOut.Content is { } content ? _parts[content] : null,
    };
}
