using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>An HTTP connection with little overhead. It sends bytes and reads a chunked response. Not thread-safe.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly byte[] StatusLine = Encoding.ASCII.GetBytes("HTTP/1.1 200 ");
    private static readonly byte[] End = Encoding.ASCII.GetBytes("\r\n0\r\n\r\n");

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];

    private RawConnection()
    {
    }

    public static async Task<RawConnection> OpenAsync(int port)
    {
        var connection = new RawConnection();
        await connection._socket.ConnectAsync(IPAddress.Loopback, port);
        return connection;
    }

    /// <summary>Sends a request and reads the whole response.</summary>
    /// <param name="request">The bytes of the request.</param>
    /// <param name="marker">Bytes of the response whose arrival is timed.</param>
    /// <returns>The time when <paramref name="marker"/> arrived, in stopwatch ticks.</returns>
    public async ValueTask<long> SendAsync(ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> marker = default)
    {
        await _socket.SendAsync(request);
        var (length, arrived) = (0, 0L);
        while (length < End.Length || !_buffer.AsSpan(0, length).EndsWith(End))
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(length));
            if (read == 0) throw new IOException($"The server closed the connection: {Encoding.UTF8.GetString(_buffer, 0, length)}");
            length += read;
            if (arrived == 0 && _buffer.AsSpan(0, length).IndexOf(marker.Span) >= 0) arrived = Stopwatch.GetTimestamp();
        }

        if (!_buffer.AsSpan().StartsWith(StatusLine)) throw new IOException(Encoding.UTF8.GetString(_buffer, 0, length));
        return arrived;
    }

    public void Dispose() => _socket.Dispose();
}
