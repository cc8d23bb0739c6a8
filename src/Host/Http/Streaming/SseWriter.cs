using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace PluginHost.Http.Streaming;

/// <summary>Writes server-sent events to a response. The head is set with the first flush, so that another answer is possible until then.</summary>
internal sealed class SseWriter(HttpResponse response) : IEventWriter, IDisposable
{
    public const string ContentType = "text/event-stream";

    private readonly PipeWriter _output = response.BodyWriter;

    // JSON on one line: a line break inside it would end the event.
    private readonly Utf8JsonWriter _json = new(new ResponseBuffer(response.BodyWriter), JsonResponse.WriterOptions);

    public bool HasBegun { get; private set; }

    public void Append(in SseEvent added)
    {
        if (added.HasId) Write(string.Create(CultureInfo.InvariantCulture, $"id: {added.Number}\n"));
        if (added.Name is not null) Write($"event: {added.Name}\n");
        _output.Write("data: "u8);
        if (added.Type is not null) WriteJson(added);
        else if (added.Data is TextEvent text) text.Template.Write(_output, _json, text.Text);
        else Write((string)added.Data);
        _output.Write("\n\n"u8);
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (!HasBegun) SetHead(response);
        HasBegun = true;
        await _output.FlushAsync(cancellationToken);
    }

    /// <summary>Sends a line that clients ignore. It shows them, and every proxy between, that the connection is alive.</summary>
    public ValueTask ShowLifeAsync(CancellationToken cancellationToken)
    {
        _output.Write(": waiting\n\n"u8);
        return FlushAsync(cancellationToken);
    }

    public void Dispose() => _json.Dispose();

    /// <summary>Sets the head of a response that is a stream of events.</summary>
    public static void SetHead(HttpResponse response)
    {
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        // Asks reverse proxies (nginx and compatible ones) not to buffer the stream.
        response.Headers["X-Accel-Buffering"] = "no";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    private void WriteJson(in SseEvent added)
    {
        _json.Reset();
        JsonSerializer.Serialize(_json, added.Data, added.Type!);
        _json.Flush();
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, _output);
}
