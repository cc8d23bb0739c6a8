using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI;

namespace PluginHost.Anthropic.Messages;

/// <summary>Where the bytes of an image are.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Base64Source), "base64")]
[JsonDerivedType(typeof(AddressSource), "url")]
[JsonDerivedType(typeof(FileSource), "file")]
internal interface IImageSource
{
    IEnumerable<AIContent> ToContents();
}

/// <summary>Where the bytes or the text of a document are.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Base64Source), "base64")]
[JsonDerivedType(typeof(AddressSource), "url")]
[JsonDerivedType(typeof(FileSource), "file")]
[JsonDerivedType(typeof(TextSource), "text")]
[JsonDerivedType(typeof(BlocksSource), "content")]
internal interface IDocumentSource : IImageSource;

[IgnoresUnknown]
internal sealed record Base64Source(string MediaType, string Data) : IDocumentSource, ICheckedBody
{
    private readonly DataContent? _content = MediaContent.FromDataUrl($"data:{MediaType};base64,{Data}", "");

    public IEnumerable<AIContent> ToContents() => [_content!];

    public void Check(InputErrors errors)
    {
        if (MediaType is not null && Data is not null && _content is null) errors.Add("data", "This is not base64 of a media type.", "base64, and a media_type such as image/png");
    }
}

[IgnoresUnknown]
internal sealed record AddressSource(string Url) : IDocumentSource, ICheckedBody
{
    private readonly AIContent? _content = MediaContent.FromAddress(Url, Url?.EndsWith(".pdf", StringComparison.OrdinalIgnoreCase) == true ? "application/pdf" : "image/*");

    public IEnumerable<AIContent> ToContents() => [_content!];

    public void Check(InputErrors errors)
    {
        if (Url is not null && _content is null) errors.Add("url", "This is not a web address.", "an http or https address");
    }
}

[IgnoresUnknown]
internal sealed record TextSource(string Data) : IDocumentSource
{
    public IEnumerable<AIContent> ToContents() => [new TextContent(Data)];
}

[IgnoresUnknown]
internal sealed record BlocksSource([OrText("blocks")] IReadOnlyList<IDocumentPart> Content) : IDocumentSource
{
    public IEnumerable<AIContent> ToContents() => Content.SelectMany(c => c.ToContents());
}

[IgnoresUnknown]
internal sealed record FileSource(string FileId) : IDocumentSource
{
    public IEnumerable<AIContent> ToContents() => [new HostedFileContent(FileId)];
}
