using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace PluginHost.Api.Streaming;

/// <summary>Writes server-sent events. Nothing stays in a buffer: each event is flushed.</summary>
internal sealed class SseWriter(PipeWriter output) : IDisposable
{
    // JSON on one line: a line break inside it would end the event.
    private readonly Utf8JsonWriter _json = new(output, ApiJson.Writing);

    public ValueTask<FlushResult> WriteAsync(in WireEvent happened, CancellationToken cancellationToken)
    {
        Write($"id: {happened.Id.ToString(CultureInfo.InvariantCulture)}\nevent: {happened.Name}\ndata: ");
        _json.Reset();
        JsonSerializer.Serialize(_json, happened.Data, happened.Type);
        _json.Flush();
        Write("\n\n");
        return output.FlushAsync(cancellationToken);
    }

    /// <summary>A line that clients pass over: it tells them, and every proxy between, that the connection is alive.</summary>
    public ValueTask<FlushResult> WriteCommentAsync(CancellationToken cancellationToken)
    {
        Write(": waiting\n\n");
        return output.FlushAsync(cancellationToken);
    }

    public void Dispose() => _json.Dispose();

    private void Write(string text) => Encoding.UTF8.GetBytes(text, output);
}
