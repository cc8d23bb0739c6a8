using System.Net.Http.Headers;
using System.Text.Json;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources;

namespace PluginHost.Native.Binding;

/// <summary>Reads one part of a message's content.</summary>
internal static class ContentReader
{
    private static readonly string[] Types = ["text", "reasoning", "data", "uri", "function_call", "function_result", "error"];

    /// <returns>The part; null when something in it is wrong.</returns>
    public static ContentPart? Read(BodyReader part)
    {
        var type = part.RequiredOneOf("type", Types);
        if (type is null) return null;
        ContentPart? read = type switch
        {
            "text" => part.RequiredText("text") is { } text ? new TextPart(text) : null,
            "reasoning" => Reasoning(part),
            "data" => Data(part),
            "uri" => Uri(part),
            "function_call" => Call(part),
            "function_result" => Result(part),
            _ => Error(part),
        };
        part.End();
        return read;
    }

    private static ReasoningPart Reasoning(BodyReader part) => new(part.Text("text")) { ProtectedData = part.Text("protected_data") };

    private static DataPart? Data(BodyReader part)
    {
        var mediaType = MediaType(part);
        var data = part.RequiredText("data");
        var name = part.Text("name");
        if (data is not null && !System.Buffers.Text.Base64.IsValid(data))
        {
            part.Errors.Add(part.PathOf("data"), "This is not base64.", "base64");
            return null;
        }

        return mediaType is null || data is null ? null : new DataPart(mediaType, data) { Name = name };
    }

    private static UriPart? Uri(BodyReader part)
    {
        var mediaType = MediaType(part);
        var uri = part.RequiredText("uri");
        if (uri is not null && !System.Uri.TryCreate(uri, UriKind.Absolute, out _))
        {
            part.Errors.Add(part.PathOf("uri"), "This is not an absolute URI.", "for example https://example.com/picture.png");
            return null;
        }

        return mediaType is null || uri is null ? null : new UriPart(uri, mediaType);
    }

    private static FunctionCallPart? Call(BodyReader part)
    {
        var id = NotEmpty(part, "call_id");
        var name = NotEmpty(part, "name");
        var arguments = part.Object("arguments");
        return id is null || name is null ? null : new FunctionCallPart(id, name) { Arguments = arguments };
    }

    private static FunctionResultPart? Result(BodyReader part)
    {
        var id = NotEmpty(part, "call_id");
        JsonElement? result = part.TryGet("result", out var value) ? value : null;
        return id is null ? null : new FunctionResultPart(id) { Result = result };
    }

    private static ErrorPart? Error(BodyReader part)
    {
        var message = part.RequiredText("message");
        var code = part.Text("code");
        return message is null ? null : new ErrorPart(message) { Code = code };
    }

    private static string? MediaType(BodyReader part)
    {
        var text = part.RequiredText("media_type");
        if (text is null || MediaTypeHeaderValue.TryParse(text, out _)) return text;
        part.Errors.Add(part.PathOf("media_type"), "This is not a media type.", "for example image/png");
        return null;
    }

    private static string? NotEmpty(BodyReader part, string name)
    {
        var text = part.RequiredText(name);
        if (text is not "") return text;
        part.Errors.Add(part.PathOf(name), "The value is empty.", "a string that is not empty");
        return null;
    }
}
