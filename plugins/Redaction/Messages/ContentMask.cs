using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Redaction;

/// <summary>Masks one content of a message, and creates copies of contents with other text. Immutable and thread-safe.</summary>
/// <param name="set">The patterns.</param>
/// <param name="toolArguments">Whether to mask the arguments of tool calls.</param>
internal sealed class ContentMask(MaskSet set, bool toolArguments)
{
    /// <summary>The additional properties in which the host keeps a call's arguments as text, and what it has no type for.</summary>
    private const string ArgumentsText = "wire.arguments", Members = "wire.members";

    /// <summary>
    /// The same of contents that have nothing else: what came beside a message, items of the model's service, parts that only some servers
    /// know, and what a text refers to.
    /// </summary>
    private static readonly string[] Beside = [Members, Item, Part, "wire.annotations"];

    private const string Item = "wire.whole", Part = "wire.part";

    private const int LargestWord = 1000;

    private static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\r\n");

    public MaskSet Set => set;

    /// <summary>Masks a complete content. Does not mask text and reasoning, which may be split among contents.</summary>
    /// <returns>The same object when nothing matched.</returns>
    public AIContent Mask(AIContent content) => content switch
    {
        FunctionResultContent result => Mask(result),
        FunctionCallContent call when toolArguments => Mask(call),
        ErrorContent error => Mask(error),
        _ when content.GetType() == typeof(AIContent) && Beside.Select(name => MaskProperty(content, name)).FirstOrDefault(m => m is not null) is { } masked =>
            new AIContent { AdditionalProperties = masked },
        _ => content,
    };

    /// <returns>The additional properties with one of them masked; null when nothing matched.</returns>
    private AdditionalPropertiesDictionary? MaskProperty(AIContent content, string name)
    {
        if (content.AdditionalProperties is not { } properties || !properties.TryGetValue(name, out var value)) return null;
        var masked = JsonMask.Mask(set, value, name switch { Item => IsSealed, Part => IsMedia, _ => null });
        if (ReferenceEquals(masked, value)) return null;
        var copy = properties.Clone();
        copy[name] = masked;
        return copy;
    }

    /// <summary>Only its maker can read it, as the protected data of reasoning.</summary>
    private static bool IsSealed(JsonProperty member) => member.Name == "encrypted_content";

    /// <summary>A link, or the bytes of a file, which have no words.</summary>
    private static bool IsMedia(JsonProperty member) => member.Value.ValueKind == JsonValueKind.String && member.Value.GetString() is { } text
        && (IsLink(text) || (text.Length > LargestWord && !text.AsSpan().ContainsAnyExcept(Base64)));

    /// <summary>A text that only begins with a link has words behind it.</summary>
    private static bool IsLink(string text) =>
        (text.StartsWith("data:", StringComparison.Ordinal) || text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal))
        && !text.AsSpan().ContainsAny(" \t\r\n");

    /// <summary>Copies a text content with other text.</summary>
    /// <returns>The copy; null when it would hold neither text nor other values.</returns>
    public AIContent? WithText(AIContent content, string text)
    {
        var extras = content.AdditionalProperties is { Count: > 0 } || content.Annotations is { Count: > 0 }
            || content is TextReasoningContent { ProtectedData: not null };
        if (text.Length == 0 && !extras) return null;
        AIContent copy = content is TextReasoningContent reasoning
            ? new TextReasoningContent(text) { ProtectedData = reasoning.ProtectedData }
            : new TextContent(text);
        copy.AdditionalProperties = content.AdditionalProperties;
        copy.Annotations = content.Annotations?.Select(Mask).ToList();
        return copy;
    }

    private FunctionResultContent Mask(FunctionResultContent content)
    {
        var result = content.Result switch
        {
            AIContent inner => MaskNested(inner),
            IEnumerable<AIContent> many => MaskNested(many),
            var other => JsonMask.Mask(set, other),
        };
        return ReferenceEquals(result, content.Result)
            ? content
            : new FunctionResultContent(content.CallId, result) { Exception = content.Exception, AdditionalProperties = content.AdditionalProperties };
    }

    private object MaskNested(IEnumerable<AIContent> contents)
    {
        var original = contents.ToList();
        var masked = original.ConvertAll(MaskNested);
        return masked.SequenceEqual(original) ? contents : masked;
    }

    private AIContent MaskNested(AIContent content)
    {
        var text = content switch { TextContent t => t.Text, TextReasoningContent r => r.Text, _ => null };
        if (text is null) return Mask(content);
        var masked = set.Mask(text);
        return ReferenceEquals(masked, text) ? content : WithText(content, masked) ?? new TextContent("");
    }

    private FunctionCallContent Mask(FunctionCallContent content)
    {
        var properties = MaskProperty(content, ArgumentsText);
        var changed = properties is not null;
        var arguments = content.Arguments is null ? null : new Dictionary<string, object?>(content.Arguments.Count);
        foreach (var (name, value) in content.Arguments ?? new Dictionary<string, object?>())
        {
            arguments![name] = JsonMask.Mask(set, value);
            changed |= !ReferenceEquals(arguments[name], value);
        }

        if (!changed) return content;
        return new FunctionCallContent(content.CallId, content.Name, arguments)
        {
            Exception = content.Exception,
            InformationalOnly = content.InformationalOnly,
            AdditionalProperties = properties ?? content.AdditionalProperties,
        };
    }

    private ErrorContent Mask(ErrorContent content)
    {
        var (message, details) = (set.Mask(content.Message ?? ""), set.Mask(content.Details ?? ""));
        if (message == (content.Message ?? "") && details == (content.Details ?? "")) return content;
        return new ErrorContent(message)
        {
            Details = content.Details is null ? null : details,
            ErrorCode = content.ErrorCode,
            AdditionalProperties = content.AdditionalProperties,
        };
    }

    /// <summary>Masks an annotation. Drops its regions, because they are positions in the original text.</summary>
    private AIAnnotation Mask(AIAnnotation annotation) => annotation is CitationAnnotation citation
        ? new CitationAnnotation
        {
            Title = citation.Title is null ? null : set.Mask(citation.Title),
            Snippet = citation.Snippet is null ? null : set.Mask(citation.Snippet),
            Url = citation.Url,
            FileId = citation.FileId,
            ToolName = citation.ToolName,
            AdditionalProperties = citation.AdditionalProperties,
        }
        : new AIAnnotation { AdditionalProperties = annotation.AdditionalProperties };
}
