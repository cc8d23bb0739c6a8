using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Items;

/// <summary>A part of the content of an item. Images and files are passed through to models that take them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TextPartBody), "input_text")]
[JsonDerivedType(typeof(OutputTextPartBody), "output_text")]
[JsonDerivedType(typeof(TextPartBody), "text")]
[JsonDerivedType(typeof(RefusalPartBody), "refusal")]
[JsonDerivedType(typeof(ImagePartBody), "input_image")]
[JsonDerivedType(typeof(FilePartBody), "input_file")]
[JsonDerivedType(typeof(AudioPartBody), "input_audio")]
internal abstract record PartBody : IOpenBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    public static PartBody FromText(string text) => new TextPartBody(text) { IsWhole = true };

    public AIContent ToContent() => Create().WithMembers(this);

    /// <summary>Adds the content, and behind a text what it refers to.</summary>
    public void AddTo(List<AIContent> contents)
    {
        contents.Add(ToContent());
        if (this is OutputTextPartBody { Annotations: { ValueKind: JsonValueKind.Array } list } && list.GetArrayLength() > 0) contents.Add(WireItem.CreateAnnotations(list));
    }

    private AIContent Create() => this switch
    {
        TextPartBody { IsWhole: true } whole => new TextContent(whole.Text),
        TextPartBody part => WireContent.WithForm(new TextContent(part.Text), WireContent.Part),
        OutputTextPartBody part => new TextContent(part.Text),
        RefusalPartBody part => RefusalContent.Create(part.Refusal),
        ImagePartBody part => part.Content!,
        FilePartBody part => part.Content!,
        AudioPartBody part => part.InputAudio.ToContent(),
        _ => throw new InvalidOperationException($"{GetType().Name} has no content."),
    };
}

internal sealed record TextPartBody(string Text) : PartBody
{
    /// <summary>Whether the text was the whole content, and no part.</summary>
    public bool IsWhole { get; init; }
}

[Ignores("logprobs")]
internal sealed record OutputTextPartBody(string Text, JsonElement? Annotations = null) : PartBody;

internal sealed record RefusalPartBody(string Refusal) : PartBody;

internal sealed record ImagePartBody(string? ImageUrl = null, string? FileId = null, [AllowedText("auto", "low", "high", "original")] string? Detail = null)
    : PartBody, ICheckedBody
{
    public AIContent? Content { get; } = MediaContent.WithDetail(
        string.IsNullOrEmpty(FileId) ? MediaContent.FromUrl(ImageUrl, "image/*") : new HostedFileContent(FileId),
        // The detail tells an image from a file; auto is what its absence means.
        string.IsNullOrEmpty(FileId) ? Detail : Detail ?? "auto");

    public void Check(InputErrors errors)
    {
        if (Content is not null) return;
        if (ImageUrl is null) errors.AddMissing("image_url", "image_url or file_id");
        else MediaContent.AddWrongUrl(errors, "image_url");
    }
}

[Ignores("detail")]
internal sealed record FilePartBody(string? FileId = null, string? FileData = null, string? FileUrl = null, string? Filename = null) : PartBody, ICheckedBody
{
    public AIContent? Content { get; } = FileId is { Length: > 0 } ? new HostedFileContent(FileId) { Name = Filename }
        : FileUrl is { Length: > 0 } ? MediaContent.FromUrl(FileUrl, "application/*")
        : FileData is { Length: > 0 } ? MediaContent.FromDataUrl(FileData, "", Filename) ?? MediaContent.FromBase64(FileData, "application/pdf", Filename)
        : null;

    public void Check(InputErrors errors)
    {
        if (Content is not null) return;
        if (FileUrl is { Length: > 0 }) MediaContent.AddWrongUrl(errors, "file_url");
        else if (FileData is { Length: > 0 }) errors.Add("file_data", "This is neither base64 nor a data URL.", "base64, or data:application/pdf;base64,…");
        else errors.AddMissing("file_data", "file_id, file_data or file_url");
    }
}

internal sealed record AudioPartBody(AudioBody InputAudio) : PartBody;

/// <summary>Sound, in parts of items and of chat messages.</summary>
internal sealed record AudioBody([AllowedText("wav", "mp3")] string Format, [Base64Text] string Data) : IOpenBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    public DataContent ToContent() => WireContent.WithInner(MediaContent.FromBase64(Data, Format == "wav" ? "audio/wav" : "audio/mpeg")!, OpenMembers.ToJson(Others));
}
