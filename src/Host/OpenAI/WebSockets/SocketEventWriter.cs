using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using PluginHost.Engine.Errors;
using PluginHost.Http;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.WebSockets;

/// <summary>Writes the events of one lane's response as messages, each with the lane's name when it has one.</summary>
internal sealed class SocketEventWriter(SocketSender sender, string? lane) : IEventWriter, IDisposable
{
    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null, JsonResponse.WriterOptions);
    private readonly List<int> _ends = [];
    private readonly byte[]? _begin = lane is null ? null : [.. "{\"stream_id\":\""u8, .. JsonEncodedText.Encode(lane).EncodedUtf8Bytes, .. "\","u8];

    public bool HasBegun { get; private set; }

    public void Append(in SseEvent added) => Append(added.Data, added.Type!);

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        HasBegun = true;
        var start = 0;
        foreach (var end in _ends)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await sender.SendAsync(_text.WrittenMemory[start..end]);
            start = end;
        }

        _ends.Clear();
        _text.ResetWrittenCount();
    }

    /// <summary>The socket itself shows that the connection is alive.</summary>
    public ValueTask ShowLifeAsync(CancellationToken cancellationToken) => _ends.Count > 0 ? FlushAsync(cancellationToken) : default;

    /// <summary>Sends an error in the shape that clients read: with the status that an answer of HTTP would have.</summary>
    public ValueTask SendAsync(Problem problem, CancellationToken cancellationToken)
    {
        // What was not sent before is not sent behind an error.
        _ends.Clear();
        _text.ResetWrittenCount();
        Append(SocketError.From(problem), ResponsesJson.Default.SocketError);
        return FlushAsync(cancellationToken);
    }

    public ValueTask SendAsync<T>(T message, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : notnull
    {
        Append(message, type);
        return FlushAsync(cancellationToken);
    }

    public void Dispose() => _json.Dispose();

    private void Append(object message, JsonTypeInfo type)
    {
        if (_begin is null)
        {
            Write(_text, message, type);
        }
        else
        {
            var whole = new ArrayBufferWriter<byte>();
            Write(whole, message, type);
            _text.Write(_begin);
            _text.Write(whole.WrittenSpan[1..]);
        }

        _ends.Add(_text.WrittenCount);
    }

    private void Write(ArrayBufferWriter<byte> output, object message, JsonTypeInfo type)
    {
        _json.Reset(output);
        JsonSerializer.Serialize(_json, message, type);
        _json.Flush();
    }
}
