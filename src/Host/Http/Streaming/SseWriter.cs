using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using PluginHost.Native;
using PluginHost.Native.Streaming;

namespace PluginHost.Http.Streaming;

/// <summary>Writes server-sent events. Nothing stays in a buffer: each event is flushed.</summary>
internal sealed class SseWriter(PipeWriter output) : IDisposable
{
    // JSON on one line: a line break inside it would end the event.
    private readonly Utf8JsonWriter _json = new(output, ApiJson.Writing);

    public ValueTask<FlushResult> WriteAsync(in WireEvent happened, CancellationToken cancellationToken)
    {
        Append($"id: {happened.Id.ToString(CultureInfo.InvariantCulture)}\nevent: {happened.Name}\n", happened.Data, happened.Type);
        return FlushAsync(cancellationToken);
    }

    /// <summary>Adds an event to what the next flush sends.</summary>
    /// <param name="fields">The lines before the data, each with its line break; may be empty.</param>
    /// <param name="data">The data.</param>
    /// <param name="type">How it is written.</param>
    public void Append(string fields, object data, JsonTypeInfo type)
    {
        Write(fields);
        Write("data: ");
        _json.Reset();
        JsonSerializer.Serialize(_json, data, type);
        _json.Flush();
        Write("\n\n");
    }

    /// <summary>Adds an event whose data is plain text without line breaks.</summary>
    public void AppendText(string data) => Write($"data: {data}\n\n");

    public ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

    /// <summary>A line that clients pass over: it tells them, and every proxy between, that the connection is alive.</summary>
    public ValueTask<FlushResult> WriteCommentAsync(CancellationToken cancellationToken)
    {
        Write(": waiting\n\n");
        return output.FlushAsync(cancellationToken);
    }

    public void Dispose() => _json.Dispose();

    private void Write(string text) => Encoding.UTF8.GetBytes(text, output);
}
