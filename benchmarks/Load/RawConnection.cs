using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace PluginHost.Benchmarks.Load;

/// <summary>An HTTP connection with little overhead. It sends bytes and reads the response, which has a length or is chunked. Not thread-safe.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _length;

    private RawConnection()
    {
    }

    /// <summary>The last response, with its head.</summary>
    public ReadOnlySpan<byte> Response => _buffer.AsSpan(0, _length);

    public static async Task<RawConnection> OpenAsync(string host, int port, CancellationToken cancellationToken = default)
    {
        var connection = new RawConnection();
        try
        {
            await connection._socket.ConnectAsync(host, port, cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of a POST request with a JSON body.</summary>
    /// <param name="authority">The host and port of the server.</param>
    /// <param name="path">The path.</param>
    /// <param name="body">The JSON.</param>
    /// <param name="field">One more header field; null for none.</param>
    public static byte[] CreatePost(string authority, string path, string body, string? field = null) => Encoding.UTF8.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: {authority}\r\n{(field is null ? "" : $"{field}\r\n")}Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    /// <summary>Sends a request and reads the whole response.</summary>
    /// <param name="request">The bytes of the request.</param>
    /// <param name="marker">Bytes of the response whose arrival is timed.</param>
    /// <param name="cancellationToken">Ends the wait; the connection is of no use then.</param>
    /// <returns>The time when <paramref name="marker"/> arrived, in stopwatch ticks.</returns>
    /// <exception cref="IOException">The status is not 200, or the server closed the connection.</exception>
    public async ValueTask<long> SendAsync(ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> marker = default, CancellationToken cancellationToken = default)
    {
        await _socket.SendAsync(request, cancellationToken);
        var arrived = 0L;
        for (_length = 0; !IsWhole();)
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(_length), cancellationToken);
            if (read == 0) throw new IOException("The server closed the connection.");
            _length += read;
            if (arrived == 0 && Response.IndexOf(marker.Span) >= 0) arrived = Stopwatch.GetTimestamp();
        }

        return Response.StartsWith("HTTP/1.1 200 "u8) ? arrived : throw new IOException($"status {Encoding.ASCII.GetString(Response[9..12])}");
    }

    public void Dispose() => _socket.Dispose();

    private bool IsWhole()
    {
        if (Response.EndsWith("\r\n0\r\n\r\n"u8)) return true;
        var head = Response.IndexOf("\r\n\r\n"u8);
        if (head < 0) return false;
        var field = Response[..head].IndexOf("\r\nContent-Length: "u8);
        return field >= 0 && Utf8Parser.TryParse(Response[(field + 18)..], out int body, out _) && _length == head + 4 + body;
    }
}
