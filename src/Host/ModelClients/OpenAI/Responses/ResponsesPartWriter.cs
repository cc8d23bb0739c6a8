using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI.Responses;

/// <summary>Writes the parts of message items.</summary>
internal sealed class ResponsesPartWriter(Utf8JsonWriter json, bool isAnswer)
{
    public static bool HasPart(AIContent content) =>
        content is TextContent or DataContent or UriContent or HostedFileContent or ErrorContent { ErrorCode: "Refusal" };

    /// <summary>Whether a content only separates two parts of reasoning.</summary>
    public static bool IsBoundary(AIContent content) => content.GetType() == typeof(AIContent);

    /// <summary>Writes the parts of a result: those of this interface as they are, those of chat in this interface's shape.</summary>
    public static void WriteSent(Utf8JsonWriter json, JsonElement parts)
    {
        json.WriteStartArray();
        foreach (var part in parts.EnumerateArray())
        {
            if (part.GetText("type") is "text" or "image_url" or "file") WriteOfChat(json, part);
            else part.WriteTo(json);
        }

        json.WriteEndArray();
    }

    private static void WriteOfChat(Utf8JsonWriter json, JsonElement part)
    {
        json.WriteStartObject();
        switch (part.GetText("type"))
        {
            case "text":
                json.WriteString("type", "input_text");
                json.WriteString("text", part.GetText("text"));
                break;
            case "image_url":
                json.WriteString("type", "input_image");
                json.WriteString("image_url", part.Get("image_url")?.GetText("url"));
                json.WriteString("detail", part.Get("image_url")?.GetText("detail") ?? "auto");
                break;
            default:
                json.WriteString("type", "input_file");
                json.WriteMembers(part.Get("file"));
                break;
        }

        json.WriteEndObject();
    }

    public void Write(AIContent content, JsonElement? annotations)
    {
        json.WriteStartObject();
        switch (content)
        {
            case TextContent text: Write(isAnswer ? "output_text" : "input_text", ("text", text.Text)); break;
            case ErrorContent refusal: Write("refusal", ("refusal", refusal.Message)); break;
            case DataContent data when data.HasTopLevelMediaType("image"): Write("input_image", ("image_url", data.Uri), ("detail", DetailOf(data))); break;
            case DataContent data when data.HasTopLevelMediaType("audio"): WriteSound(data); break;
            case DataContent data: Write("input_file", ("filename", data.Name), ("file_data", data.Uri)); break;
            case UriContent uri when uri.HasTopLevelMediaType("image"): Write("input_image", ("image_url", uri.Uri.OriginalString), ("detail", DetailOf(uri))); break;
            case UriContent uri: Write("input_file", ("file_url", uri.Uri.OriginalString)); break;
            case HostedFileContent file when DetailOf(file) is { } detail: Write("input_image", ("file_id", file.FileId), ("detail", detail)); break;
            case HostedFileContent file: Write("input_file", ("file_id", file.FileId)); break;
        }

        json.WriteMembers(WireContent.GetMembers(content.AdditionalProperties));
        if (annotations is { } list)
        {
            json.WritePropertyName("annotations");
            list.WriteTo(json);
        }

        json.WriteEndObject();
    }

    private static string? DetailOf(AIContent content) =>
        content.AdditionalProperties?.TryGetValue("detail", out var detail) == true ? detail?.ToString() : null;

    private void Write(string type, params ReadOnlySpan<(string Name, string? Value)> members)
    {
        json.WriteString("type", type);
        foreach (var (name, value) in members)
        {
            if (value is not null) json.WriteString(name, value);
        }
    }

    private void WriteSound(DataContent data)
    {
        json.WriteString("type", "input_audio");
        json.WriteStartObject("input_audio");
        json.WriteString("data", data.Base64Data.Span);
        json.WriteString("format", data.MediaType == "audio/mpeg" ? "mp3" : "wav");
        json.WriteMembers(WireContent.GetInner(data));
        json.WriteEndObject();
    }
}
