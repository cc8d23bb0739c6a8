using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Shared;

namespace PluginHost.Ollama;

/// <summary>Writes the messages of one request.</summary>
internal sealed class MessageWriter(Utf8JsonWriter json, ServerFailures failures)
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    public void Write(string? instructions, IEnumerable<ChatMessage> messages)
    {
        if (!string.IsNullOrWhiteSpace(instructions)) Write(new ChatMessage(ChatRole.System, instructions));
        foreach (var message in messages) Write(message);
    }

    private void Write(ChatMessage message)
    {
        foreach (var result in message.Contents.OfType<FunctionResultContent>()) WriteResult(result);
        if (message.Role == ChatRole.Tool) return;
        var calls = message.Contents.OfType<FunctionCallContent>().ToList();
        // Another model may have given files that Ollama does not take.
        IEnumerable<AIContent> contents = message.Role == ChatRole.Assistant ? message.Contents.Where(IsTaken) : message.Contents;
        var (text, images) = (TextOf(contents, message.Role == ChatRole.Assistant ? "" : "\n"), ImagesOf(contents));
        if (text.Length == 0 && images.Count == 0 && calls.Count == 0) return;
        json.WriteStartObject();
        json.WriteString("role", message.Role.Value == "developer" ? ChatRole.System.Value : message.Role.Value);
        json.WriteString("content", text);
        var thinking = string.Concat(message.Contents.OfType<TextReasoningContent>().Select(static r => r.Text));
        if (thinking.Length > 0) json.WriteString("thinking", thinking);
        WriteImages(images);
        WriteCalls(calls);
        json.WriteEndObject();
    }

    private void WriteCalls(List<FunctionCallContent> calls)
    {
        if (calls.Count == 0) return;
        json.WriteStartArray("tool_calls");
        for (var i = 0; i < calls.Count; i++)
        {
            _names[calls[i].CallId] = calls[i].Name;
            json.WriteStartObject();
            json.WriteString("id", calls[i].CallId);
            json.WriteStartObject("function");
            json.WriteNumber("index", i);
            json.WriteString("name", calls[i].Name);
            json.WritePropertyName("arguments");
            ToolValues.WriteArguments(json, calls[i]);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteResult(FunctionResultContent result)
    {
        // The tool has been run: a file that Ollama does not take must not end the run.
        List<AIContent> contents = [.. ToolValues.ReadResult(result).Select(static c => IsTaken(c) ? c : new TextContent($"[{Describe(c)}]"))];
        json.WriteStartObject();
        json.WriteString("role", "tool");
        json.WriteString("content", TextOf(contents, "\n"));
        if (_names.TryGetValue(result.CallId, out var name)) json.WriteString("tool_name", name);
        json.WriteString("tool_call_id", result.CallId);
        WriteImages(ImagesOf(contents));
        json.WriteEndObject();
    }

    private void WriteImages(List<DataContent> images)
    {
        if (images.Count == 0) return;
        json.WriteStartArray("images");
        foreach (var image in images) json.WriteStringValue(image.Base64Data.Span);
        json.WriteEndArray();
    }

    private List<DataContent> ImagesOf(IEnumerable<AIContent> contents)
    {
        var images = new List<DataContent>();
        foreach (var content in contents)
        {
            if (!IsTaken(content)) throw failures.CreateRejected($"It takes text, and images as data, but not {Describe(content)}.");
            if (content is DataContent image) images.Add(image);
        }

        return images;
    }

    private static bool IsTaken(AIContent content) =>
        content is DataContent data ? data.HasTopLevelMediaType("image") : content is not (UriContent or HostedFileContent);

    private static string Describe(AIContent content) => content switch
    {
        DataContent data => $"a file of type {data.MediaType}",
        UriContent uri => $"the address of a file of type {uri.MediaType}",
        _ => "the id of a file",
    };

    private static string TextOf(IEnumerable<AIContent> contents, string separator) => string.Join(separator, contents.OfType<TextContent>().Select(t => t.Text));
}
