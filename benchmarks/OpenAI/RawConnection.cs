using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>One connection that costs little: sends bytes and reads a chunked answer to its end. For one request at a time.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly byte[] Good = Encoding.ASCII.GetBytes("HTTP/1.1 200 ");
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

    /// <summary>Sends a request and reads the answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="watched">What to wait for.</param>
    /// <returns>When that had come, in ticks of the stopwatch.</returns>
    public async ValueTask<long> SendAsync(ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> watched = default)
    {
        await _socket.SendAsync(request);
        var (length, seen) = (0, 0L);
        while (length < End.Length || !_buffer.AsSpan(0, length).EndsWith(End))
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(length));
            if (read == 0) throw new IOException($"The server closed the connection: {Encoding.UTF8.GetString(_buffer, 0, length)}");
            length += read;
            if (seen == 0 && _buffer.AsSpan(0, length).IndexOf(watched.Span) >= 0) seen = Stopwatch.GetTimestamp();
        }

        if (!_buffer.AsSpan().StartsWith(Good)) throw new IOException(Encoding.UTF8.GetString(_buffer, 0, length));
        return seen;
    }

    public void Dispose() => _socket.Dispose();
}
