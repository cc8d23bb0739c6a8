using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Items;

namespace PluginHost.OpenAI.Chat;

/// <summary>Reads the content of a message: text, or a list of parts.</summary>
internal static class ChatPartReader
{
    private const string Allowed = "a string or a list of parts";

    public static readonly string[] TextAlone = ["text"];
    public static readonly string[] UserTypes = ["text", "image_url", "input_audio", "file"];
    public static readonly string[] AssistantTypes = ["text", "refusal"];

    public static List<AIContent> ReadRequired(BodyReader message, string[] types)
    {
        if (!message.TryGetRequired("content", Allowed, out var value)) return [];
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0)
            message.Errors.Add(message.PathOf("content"), "The list is empty.", "at least one part");
        return Read(message, types);
    }

    /// <summary>The content; empty when there is none.</summary>
    public static List<AIContent> Read(BodyReader message, string[] types)
    {
        if (!message.TryGet("content", out var value)) return [];
        if (value.ValueKind == JsonValueKind.String) return [new TextContent(value.GetString())];
        if (value.ValueKind == JsonValueKind.Array)
            return BodyReader.ReadEach(value, message.PathOf("content"), part => ReadPart(part, types), message.Errors);
        message.WrongType(message.PathOf("content"), value, Allowed);
        return [];
    }

    private static AIContent? ReadPart(BodyReader part, string[] types)
    {
        var type = part.RequiredOneOf("type", types);
        part.Ignore("prompt_cache_breakpoint");
        // Agent frameworks put what came with an answer's message into its text as well.
        if (type == "text" && types == AssistantTypes) part.Ignore("role", "refusal", "annotations");
        AIContent? read = type switch
        {
            "text" => part.RequiredText("text") is { } text ? new TextContent(text) : null,
            "refusal" => part.RequiredText("refusal") is { } text ? RefusalContent.Create(text) : null,
            "image_url" => Inner(part, "image_url") is { } image ? ReadImage(image) : null,
            "input_audio" => Inner(part, "input_audio") is { } audio ? ReadAudio(audio) : null,
            "file" => Inner(part, "file") is { } file ? ReadFile(file) : null,
            _ => null,
        };
        if (type is not null) part.End();
        return read;
    }

    private static BodyReader? Inner(BodyReader part, string name) =>
        part.TryGetRequired(name, "object", out _) ? part.Nested(name) : null;

    private static AIContent? ReadImage(BodyReader image)
    {
        var url = image.RequiredText("url");
        var detail = image.Text("detail");
        image.End();
        if (url is null) return null;
        var content = (AIContent?)DataUrl.TryRead(url, "image/") ?? FromAddress(image, url);
        if (detail is not null && content is not null) (content.AdditionalProperties ??= [])["detail"] = detail;
        return content;
    }

    private static UriContent? FromAddress(BodyReader image, string url)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") return new UriContent(address, "image/*");
        image.Errors.Add(image.PathOf("url"), "This is no address of an image.", "an http or https address, or data:image/…;base64,…");
        return null;
    }

    private static DataContent? ReadAudio(BodyReader audio)
    {
        var format = audio.RequiredOneOf("format", ["wav", "mp3"]);
        var data = audio.RequiredText("data");
        audio.End();
        if (format is null || data is null) return null;
        if (DataUrl.FromBase64(data, format == "wav" ? "audio/wav" : "audio/mpeg") is { } content) return content;
        audio.Errors.Add(audio.PathOf("data"), "This is not base64.", "base64");
        return null;
    }

    private static AIContent? ReadFile(BodyReader file)
    {
        var name = file.Text("filename");
        var id = file.Text("file_id");
        var data = file.Text("file_data");
        file.End();
        if (id is not null) return new HostedFileContent(id);
        if (data is null)
        {
            file.Errors.Add(file.PathOf("file_data"), "The field is required.", "file_data or file_id", BodyReader.Missing);
            return null;
        }

        // The only kind of file that the clients of models pass on.
        if (DataUrl.TryRead(data, "application/pdf") is { } content)
        {
            content.Name = name;
            return content;
        }

        file.Errors.AddUnsupported(file.PathOf("file_data"), "data:application/pdf;base64,…");
        return null;
    }
}
