using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI.Chat;

/// <summary>Writes the contents of messages: text, or parts.</summary>
internal sealed class ChatPartWriter(Utf8JsonWriter json)
{
    public static bool HasPart(AIContent content) => content is TextContent or DataContent or UriContent or HostedFileContent || WireContent.GetPart(content) is not null;

    /// <summary>Whether a text was sent as a part, or has what only a part can have.</summary>
    public static bool IsPart(AIContent content) =>
        WireContent.GetForm(content) == WireContent.Part || WireContent.GetMembers(content.AdditionalProperties) is not null;

    /// <summary>Writes the member <c>content</c>. Several texts of an answer are pieces of one text; those of others are parts.</summary>
    public void WriteContent(IReadOnlyList<AIContent> contents, bool isAnswer = false)
    {
        if (contents.All(static c => c is TextContent && !IsPart(c)) && (isAnswer || contents.Count == 1))
        {
            json.WriteString("content", string.Concat(contents.Cast<TextContent>().Select(t => t.Text)));
            return;
        }

        json.WriteStartArray("content");
        for (var i = 0; i < contents.Count; i++)
        {
            // Pieces of one part.
            var thinking = contents.Skip(i).TakeWhile(static c => c is TextReasoningContent).Cast<TextReasoningContent>().ToList();
            if (thinking.Count > 0) WriteThinking(thinking);
            else WritePart(contents[i]);
            i += Math.Max(0, thinking.Count - 1);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes the parts of a result of the Responses interface, or of this one.</summary>
    public void WriteSent(JsonElement parts)
    {
        json.WriteStartArray("content");
        foreach (var part in parts.EnumerateArray())
        {
            json.WriteStartObject();
            switch (part.GetText("type"))
            {
                case "input_text" or "output_text":
                    WriteText(part.GetText("text") ?? "");
                    break;
                case "input_image" when part.GetText("image_url") is { } url:
                    WriteImage(url, part.GetText("detail"));
                    break;
                case "input_file":
                    json.WriteString("type", "file");
                    json.WriteStartObject("file");
                    json.WriteMembers(part, "type", "detail");
                    json.WriteEndObject();
                    break;
                default:
                    json.WriteMembers(part);
                    break;
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteThinking(IReadOnlyList<TextReasoningContent> thinking)
    {
        json.WriteStartObject();
        json.WriteString("type", "thinking");
        json.WriteStartArray("thinking");
        json.WriteStartObject();
        WriteText(string.Concat(thinking.Select(t => t.Text)));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public void WritePart(AIContent content)
    {
        if (WireContent.GetPart(content) is { } sent)
        {
            sent.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        switch (content)
        {
            case TextContent text: WriteText(text.Text); break;
            case ErrorContent refusal: WriteRefusal(refusal.Message); break;
            case DataContent data when data.HasTopLevelMediaType("image"): WriteImage(data.Uri, DetailOf(data), WireContent.GetInner(data)); break;
            case DataContent data when data.HasTopLevelMediaType("audio"): WriteSound(data); break;
            case DataContent data: WriteFile(data, ("filename", data.Name), ("file_data", data.Uri)); break;
            case UriContent uri when uri.HasTopLevelMediaType("image"): WriteImage(uri.Uri.OriginalString, DetailOf(uri), WireContent.GetInner(uri)); break;
            case UriContent uri: WriteFile(uri, ("file_url", uri.Uri.OriginalString)); break;
            case HostedFileContent file: WriteFile(file, ("file_id", file.FileId)); break;
        }

        json.WriteMembers(WireContent.GetMembers(content.AdditionalProperties), "type", "text", "refusal", "image_url", "input_audio", "file");
        json.WriteEndObject();
    }

    private static string? DetailOf(AIContent content) =>
        content.AdditionalProperties?.TryGetValue("detail", out var detail) == true ? detail?.ToString() : null;

    private void WriteText(string text)
    {
        json.WriteString("type", "text");
        json.WriteString("text", text);
    }

    private void WriteRefusal(string? text)
    {
        json.WriteString("type", "refusal");
        json.WriteString("refusal", text);
    }

    private void WriteImage(string url, string? detail, JsonElement? inner = null)
    {
        json.WriteString("type", "image_url");
        json.WriteStartObject("image_url");
        json.WriteString("url", url);
        if (detail is not null) json.WriteString("detail", detail);
        json.WriteMembers(inner);
        json.WriteEndObject();
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

    private void WriteFile(AIContent file, params ReadOnlySpan<(string Name, string? Value)> members)
    {
        json.WriteString("type", "file");
        json.WriteStartObject("file");
        foreach (var (name, value) in members)
        {
            if (value is not null) json.WriteString(name, value);
        }

        json.WriteMembers(WireContent.GetInner(file));
        json.WriteEndObject();
    }
}
