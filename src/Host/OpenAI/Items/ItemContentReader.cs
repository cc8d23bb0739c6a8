using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Errors;

namespace PluginHost.OpenAI.Items;

/// <summary>Reads the content of a message: a text, or a list of parts. Images and files are passed through to models that take them.</summary>
internal static class ItemContentReader
{
    private static readonly string[] Types = ["input_text", "output_text", "text", "refusal", "input_image", "input_file", "input_audio"];

    public static List<AIContent>? Read(BodyReader item, string name)
    {
        if (!item.TryGetRequired(name, "string, or a list of parts", out var content)) return null;
        if (content.ValueKind == JsonValueKind.String) return [new TextContent(content.GetString())];
        if (content.ValueKind == JsonValueKind.Array) return BodyReader.ReadEach(content, item.PathOf(name), ReadPart, item.Errors);
        item.WrongType(item.PathOf(name), content, "string, or a list of parts");
        return null;
    }

    private static AIContent? ReadPart(BodyReader part)
    {
        var type = part.RequiredOneOf("type", Types);
        part.Ignore("prompt_cache_breakpoint");
        var read = type switch
        {
            "input_text" or "text" => part.RequiredText("text") is { } text ? new TextContent(text) : null,
            "output_text" => ReadOutputText(part),
            "refusal" => part.RequiredText("refusal") is { } refusal ? RefusalContent.Create(refusal) : null,
            "input_image" => ReadImage(part),
            "input_file" => ReadFile(part),
            "input_audio" => ReadAudio(part),
            _ => null,
        };
        if (type is not null) part.End();
        return read;
    }

    private static TextContent? ReadOutputText(BodyReader part)
    {
        part.Ignore("annotations", "logprobs");
        return part.RequiredText("text") is { } text ? new TextContent(text) : null;
    }

    private static AIContent? ReadImage(BodyReader part)
    {
        var (url, file) = (part.Text("image_url"), part.Text("file_id"));
        var detail = part.TryGet("detail", out _) ? part.RequiredOneOf("detail", ["auto", "low", "high", "original"]) : null;
        AIContent? content = file is { Length: > 0 } ? new HostedFileContent(file) : url is null ? Missing(part, "image_url") : ReadUrl(part, "image_url", url, "image/");
        if (detail is not null && content is not null) content.AdditionalProperties = new() { ["detail"] = detail };
        return content;
    }

    private static AIContent? ReadFile(BodyReader part)
    {
        var (file, data, url, name) = (part.Text("file_id"), part.Text("file_data"), part.Text("file_url"), part.Text("filename"));
        part.Ignore("detail");
        if (file is { Length: > 0 }) return new HostedFileContent(file) { Name = name };
        if (url is { Length: > 0 }) return ReadUrl(part, "file_url", url, "application/");
        if (data is not { Length: > 0 }) return Missing(part, "file_data");
        var content = DataUrl.TryRead(data, "") ?? DataUrl.FromBase64(data, "application/pdf");
        if (content is null) part.Errors.Add(part.PathOf("file_data"), "This is neither base64 nor a data URL.", "base64, or data:application/pdf;base64,…");
        else content.Name = name;
        return content;
    }

    private static DataContent? ReadAudio(BodyReader part)
    {
        if (part.Nested("input_audio") is not { } audio)
        {
            if (!part.TryGet("input_audio", out _)) Missing(part, "input_audio");
            return null;
        }

        var data = audio.RequiredText("data");
        var format = audio.RequiredOneOf("format", ["wav", "mp3"]);
        audio.End();
        if (data is null || format is null) return null;
        var content = DataUrl.FromBase64(data, format == "mp3" ? "audio/mpeg" : "audio/wav");
        if (content is null) audio.Errors.Add(audio.PathOf("data"), "This is not base64.", "base64");
        return content;
    }

    private static AIContent? ReadUrl(BodyReader part, string name, string url, string type)
    {
        if (DataUrl.TryRead(url, "") is { } data) return data;
        if (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https") return new UriContent(uri, type + "*");
        part.Errors.Add(part.PathOf(name), "This is neither a web address nor data in base64.", "https://…, or data:…;base64,…");
        return null;
    }

    private static AIContent? Missing(BodyReader part, string name)
    {
        part.Errors.Add(part.PathOf(name), "The field is required.", null, BodyReader.Missing);
        return null;
    }
}
