using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Items;

namespace PluginHost.Anthropic.Messages;

/// <summary>A block of a message's content.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TextBlock), "text")]
[JsonDerivedType(typeof(ImageBlock), "image")]
[JsonDerivedType(typeof(DocumentBlock), "document")]
[JsonDerivedType(typeof(ToolUseBlock), "tool_use")]
[JsonDerivedType(typeof(ToolResultBlock), "tool_result")]
[JsonDerivedType(typeof(ThinkingBlock), "thinking")]
[JsonDerivedType(typeof(RedactedThinkingBlock), "redacted_thinking")]
[RefusesOthers("text, image, document, tool_use, tool_result, thinking, redacted_thinking")]
internal interface IContentBlock
{
    static IContentBlock FromText(string text) => new TextBlock(text);

    /// <summary>The block in the types of models, in order. Only a document can be several contents.</summary>
    IEnumerable<AIContent> ToContents();
}

/// <summary>A block of a tool's result.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TextBlock), "text")]
[JsonDerivedType(typeof(ImageBlock), "image")]
[JsonDerivedType(typeof(DocumentBlock), "document")]
[RefusesOthers("text, image, document")]
internal interface IResultBlock : IContentBlock
{
    static new IResultBlock FromText(string text) => new TextBlock(text);
}

/// <summary>A block of a document.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TextBlock), "text")]
[JsonDerivedType(typeof(ImageBlock), "image")]
internal interface IDocumentPart : IContentBlock
{
    static new IDocumentPart FromText(string text) => new TextBlock(text);
}

/// <summary>Text. A cache mark has no effect: services cache on their own.</summary>
[IgnoresUnknown]
internal sealed record TextBlock(string Text) : IResultBlock, IDocumentPart
{
    public IEnumerable<AIContent> ToContents() => [new TextContent(Text)];
}

[IgnoresUnknown]
internal sealed record ImageBlock(IImageSource Source) : IResultBlock, IDocumentPart
{
    public IEnumerable<AIContent> ToContents() => Source.ToContents();
}

[IgnoresUnknown]
internal sealed record DocumentBlock(IDocumentSource Source, string? Title = null) : IResultBlock
{
    public IEnumerable<AIContent> ToContents()
    {
        foreach (var content in Source.ToContents())
        {
            if (content is DataContent { Name: null } data) data.Name = Title;
            yield return content;
        }
    }
}

/// <summary>A call of a tool, in an answer of an earlier request.</summary>
[IgnoresUnknown]
internal sealed record ToolUseBlock(string Id, string Name, [AnyObject] JsonElement Input) : IContentBlock
{
    public IEnumerable<AIContent> ToContents() =>
        [new FunctionCallContent(Id, Name, Input.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value))];
}

/// <summary>The result of a call. Text alone is passed as text, with a newline between blocks; images are passed as contents.</summary>
[IgnoresUnknown]
internal sealed record ToolResultBlock(string ToolUseId, [OrText("blocks")] IReadOnlyList<IResultBlock>? Content = null, bool IsError = false) : IContentBlock
{
    public IEnumerable<AIContent> ToContents()
    {
        List<AIContent> contents = [.. (Content ?? []).SelectMany(c => c.ToContents())];
        object result = contents.TrueForAll(c => c is TextContent) ? string.Join('\n', contents.Select(c => ((TextContent)c).Text)) : contents;
        var content = new FunctionResultContent(ToolUseId, result);
        yield return IsError ? WireContent.AsError(content) : content;
    }
}

/// <summary>Reasoning of an earlier answer, with the signature by which its service knows it again.</summary>
[IgnoresUnknown]
internal sealed record ThinkingBlock(string Thinking, string? Signature = null) : IContentBlock
{
    public IEnumerable<AIContent> ToContents() => ReasoningEnvelope.Read([Thinking], Signature);
}

[IgnoresUnknown]
internal sealed record RedactedThinkingBlock(string Data) : IContentBlock
{
    public IEnumerable<AIContent> ToContents() => ReasoningEnvelope.Read([], Data);
}
