using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Items;

namespace PluginHost.OpenAI.Chat;

/// <summary>A part of a message's content. Which parts a message takes depends on its role.</summary>
internal interface IChatPart : IOpenBody
{
    AIContent ToContent() => this is ISentBody { Sent: var sent } and not (ChatFilePart { File.Content: not null } or ChatImagePart { ImageUrl.Content: not null })
        ? WireContent.FromPart(sent)
        : ContentOf(this).WithMembers(this);

    /// <summary>A text that is the whole content was no part.</summary>
    private static TextContent Part(string text, bool isWhole) =>
        isWhole ? new TextContent(text) : WireContent.WithForm(new TextContent(text), WireContent.Part);

    private static AIContent ContentOf(IChatPart part) => part switch
    {
        ChatTextPart text => Part(text.Text, text.IsWhole),
        ChatAnswerPart text => Part(text.Text, text.IsWhole),
        ChatRefusalPart refusal => RefusalContent.Create(refusal.Refusal),
        ChatImagePart image => WireContent.WithInner(image.ImageUrl.Content!, OpenMembers.ToJson(image.ImageUrl.Others)),
        ChatAudioPart audio => audio.InputAudio.ToContent(),
        ChatFilePart { File: var file } => WireContent.WithInner(file.Content!, OpenMembers.ToJson(file.Others)),
        _ => throw new InvalidOperationException($"{part.GetType().Name} has no content."),
    };
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ChatTextPart), "text")]
internal interface ITextPart : IChatPart
{
    static ITextPart FromText(string text) => new ChatTextPart(text) { IsWhole = true };
}

/// <summary>A part of a tool's result. Images and other parts than text reach the model's server as they were sent.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ChatTextPart), "text")]
[OtherCases(typeof(ChatOtherPart))]
internal interface IResultPart : IChatPart
{
    static IResultPart FromText(string text) => new ChatTextPart(text) { IsWhole = true };
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ChatTextPart), "text")]
[JsonDerivedType(typeof(ChatImagePart), "image_url")]
[JsonDerivedType(typeof(ChatAudioPart), "input_audio")]
[JsonDerivedType(typeof(ChatFilePart), "file")]
[OtherCases(typeof(ChatOtherPart))]
internal interface IUserPart : IChatPart
{
    static IUserPart FromText(string text) => new ChatTextPart(text) { IsWhole = true };
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ChatAnswerPart), "text")]
[JsonDerivedType(typeof(ChatRefusalPart), "refusal")]
internal interface IAssistantPart : IChatPart
{
    static IAssistantPart FromText(string text) => new ChatAnswerPart(text) { IsWhole = true };
}

internal abstract record ChatPart : IOpenBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }
}

internal sealed record ChatTextPart(string Text) : ChatPart, ITextPart, IUserPart, IResultPart
{
    public bool IsWhole { get; init; }
}

/// <summary>Text of an answer. Agent frameworks also copy fields of the answer's message into it.</summary>
[Ignores("role", "refusal", "annotations")]
internal sealed record ChatAnswerPart(string Text) : ChatPart, IAssistantPart
{
    public bool IsWhole { get; init; }
}

internal sealed record ChatRefusalPart(string Refusal) : ChatPart, IAssistantPart;

internal sealed record ChatImagePart(ImageBody ImageUrl) : ChatPart, IUserPart, ISentBody
{
    public JsonElement Sent { get; set; }
}

internal sealed record ChatAudioPart(AudioBody InputAudio) : ChatPart, IUserPart;

internal sealed record ChatFilePart(FileBody File) : ChatPart, IUserPart, ISentBody
{
    public JsonElement Sent { get; set; }
}

/// <summary>A part of any other type, such as a video, for a server that knows it. It passes as it is.</summary>
internal sealed record ChatOtherPart([MinLength(1)] string Type) : ChatPart, IUserPart, IResultPart, ISentBody, ICheckedBody
{
    public JsonElement Sent { get; set; }

    public void Check(InputErrors errors) => errors.CheckDepth(Sent, JsonDepth.MaxValue);
}

internal sealed record ImageBody(string Url, string? Detail = null) : IOpenBody, ICheckedBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    public AIContent? Content { get; } =
        MediaContent.WithDetail((AIContent?)MediaContent.FromDataUrl(Url, "image/") ?? MediaContent.FromAddress(Url, "image/*"), Detail);

    /// <summary>Whether only the model's server can read the address, such as that of a file there. Not a path on that server's disk.</summary>
    public bool IsElsewhere => Content is null && Url is not null && Url.Contains("://", StringComparison.Ordinal)
        && Uri.TryCreate(Url, UriKind.Absolute, out var address) && address.Scheme is not ("http" or "https" or "data" or "file");

    public void Check(InputErrors errors)
    {
        if (Url is not null && Content is null && !IsElsewhere) errors.Add("url", "This is not the address of an image.", "an http or https address, or data:image/…;base64,…");
    }
}

/// <summary>A PDF, or the id of a file at the model's service. Anything else, such as the address of a file, is for a server that knows it.</summary>
internal sealed record FileBody(string? FileData = null, string? FileId = null, string? Filename = null) : IOpenBody, ICheckedBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    public AIContent? Content { get; } = FileId is null ? MediaContent.FromDataUrl(FileData, "application/pdf", Filename) : new HostedFileContent(FileId);

    public void Check(InputErrors errors)
    {
        if (Content is null && FileData is null && Others is null or { Count: 0 }) errors.AddMissing("file_data", "file_data or file_id");
    }
}
