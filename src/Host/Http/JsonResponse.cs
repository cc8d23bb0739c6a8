using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PluginHost.Http;

/// <summary>Writes responses as JSON.</summary>
internal static class JsonResponse
{
    /// <summary>Without escapes beyond those of JSON: answers are never put into HTML, and escapes would triple most of the world's text.</summary>
    public static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // One for each thread that answers.
    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static async Task WriteAsync<T>(
        this HttpContext context, int status, T value, JsonTypeInfo<T> type, string contentType = "application/json")
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        // Before the body, which the server would keep elsewhere until then, and copy.
        await response.StartAsync(context.RequestAborted);
        // Without a flush: the server sends head, body and end together when the request ends.
        Write(response.BodyWriter, value, type);
    }

    private static void Write<T>(PipeWriter output, T value, JsonTypeInfo<T> type)
    {
        var json = _writer ?? new Utf8JsonWriter(Stream.Null, WriterOptions);
        _writer = null;
        json.Reset(new ResponseBuffer(output));
        try
        {
            JsonSerializer.Serialize(json, value, type);
            json.Flush();
        }
        finally
        {
            // It must not hold the response.
            json.Reset(Stream.Null);
            _writer = json;
        }
    }
}
