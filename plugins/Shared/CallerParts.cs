using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Shared;

/// <summary>Results of tools that a caller sent as parts, in the form of either of OpenAI's interfaces. The host keeps them as they were sent.</summary>
internal static class CallerParts
{
    /// <summary>The additional property by which the host says so, and its value.</summary>
    private const string Form = "wire.form", Parts = "part";

    /// <summary>The parts as contents. A part that is no text, image or file is its JSON.</summary>
    /// <returns>Null when the result has no parts.</returns>
    public static IReadOnlyList<AIContent>? Find(FunctionResultContent result) =>
        result.Result is JsonElement { ValueKind: JsonValueKind.Array } parts && IsOfCaller(result) ? [.. parts.EnumerateArray().Select(ToContent)] : null;

    private static bool IsOfCaller(FunctionResultContent result) =>
        result.AdditionalProperties?.TryGetValue(Form, out var form) == true
        && (form is Parts || (form is JsonElement { ValueKind: JsonValueKind.String } text && text.ValueEquals(Parts)));

    private static AIContent ToContent(JsonElement part)
    {
        AIContent? content = TextOf(part, "type") switch
        {
            "text" or "input_text" or "output_text" => TextOf(part, "text") is { } text ? new TextContent(text) : null,
            "image_url" when part.TryGetProperty("image_url", out var image) => FromUrl(TextOf(image, "url"), "image/*", null),
            "input_image" => FromUrl(TextOf(part, "image_url"), "image/*", null),
            "file" when part.TryGetProperty("file", out var file) => ToFile(file),
            "input_file" => ToFile(part),
            _ => null,
        };
        return content ?? new TextContent(part.GetRawText());
    }

    private static AIContent? ToFile(JsonElement file) =>
        FromUrl(TextOf(file, "file_data") ?? TextOf(file, "file_url"), "application/pdf", TextOf(file, "filename"));

    private static AIContent? FromUrl(string? url, string type, string? name)
    {
        try
        {
            if (url?.StartsWith("data:", StringComparison.OrdinalIgnoreCase) == true) return new DataContent(url) { Name = name };
            return url?.StartsWith("http", StringComparison.OrdinalIgnoreCase) == true ? new UriContent(url, type) : null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // The constructors of contents check their values.
            return null;
        }
    }

    private static string? TextOf(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
