using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PluginHost.Http;

/// <summary>Writes responses as JSON.</summary>
internal static class JsonResponse
{
    /// <summary>Without escapes beyond those of JSON: answers are never put into HTML, and escapes would triple most of the world's text.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync<T>(
        this HttpContext context, int status, T value, JsonTypeInfo<T> type, string contentType = "application/json")
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        await using (var json = new Utf8JsonWriter(new ResponseBuffer(response.BodyWriter), WriterOptions)) JsonSerializer.Serialize(json, value, type);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
