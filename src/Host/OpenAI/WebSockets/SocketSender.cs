using System.Net.WebSockets;

namespace PluginHost.OpenAI.WebSockets;

/// <summary>Sends the messages of all lanes over one socket, one at a time. Thread-safe.</summary>
internal sealed class SocketSender(WebSocket socket) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>A client that reads nothing answers no ping, so that the socket is aborted and this ends.</summary>
    /// <exception cref="WebSocketException">The connection is lost or closed.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> text)
    {
        await _turn.WaitAsync();
        try
        {
            await socket.SendAsync(text, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sends the end of the connection, unless it is lost.</summary>
    public async Task CloseAsync(WebSocketCloseStatus status, string reason)
    {
        await _turn.WaitAsync();
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived) await socket.CloseOutputAsync(status, reason, CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client is gone, and needs no end.
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
