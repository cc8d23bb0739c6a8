using System.Buffers;
using System.Net.WebSockets;
using PluginHost.Engine.Errors;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Http.Errors;

namespace PluginHost.OpenAI.WebSockets;

/// <summary>Reads messages within the limits of bodies: their size, and the tenant's share of bytes. Not thread-safe.</summary>
internal sealed class SocketMessageReader(WebSocket socket, RequestShares shares, string tenant, long maxBytes)
{
    private const int PieceBytes = 4096, KeptBytes = 64 * 1024;

    private ArrayBufferWriter<byte> _text = new();

    /// <returns>Null when the client has closed the connection.</returns>
    /// <exception cref="WebSocketException">The connection is lost.</exception>
    /// <exception cref="ProblemException">413: the message is too large, and what follows it cannot be read.</exception>
    public async ValueTask<ReceivedMessage?> ReadAsync()
    {
        Clear();
        var (share, refusal) = (new BodyShare(shares, tenant), default(ProblemException));
        try
        {
            while (true)
            {
                var piece = await socket.ReceiveAsync(_text.GetMemory(PieceBytes), CancellationToken.None);
                if (piece.MessageType == WebSocketMessageType.Close) return Close(share);
                if (piece.MessageType == WebSocketMessageType.Binary) refusal ??= new ProblemException(HttpProblemTypes.MalformedJson, "Messages have to be JSON as text; this one is binary.");
                if (_text.WrittenCount + piece.Count > maxBytes) throw JsonBody.TooLarge();
                refusal ??= Count(share, piece.Count);
                if (refusal is null) _text.Advance(piece.Count);
                if (piece.EndOfMessage) return new ReceivedMessage(_text.WrittenMemory, share, refusal);
            }
        }
        catch
        {
            share.Dispose();
            throw;
        }
    }

    private static ReceivedMessage? Close(BodyShare share)
    {
        share.Dispose();
        return null;
    }

    /// <summary>A message beyond the tenant's share is read to its end and discarded, so that the connection can continue.</summary>
    private static ProblemException? Count(BodyShare share, int bytes)
    {
        try
        {
            share.Add(bytes);
            return null;
        }
        catch (ProblemException e)
        {
            return e;
        }
    }

    /// <summary>A connection that is idle keeps no large buffer.</summary>
    private void Clear()
    {
        if (_text.Capacity > KeptBytes) _text = new ArrayBufferWriter<byte>();
        else _text.ResetWrittenCount();
    }
}
