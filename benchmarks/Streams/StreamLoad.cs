using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using PluginHost.Benchmarks.Load;

namespace PluginHost.Benchmarks.Streams;

/// <summary>Streamed chat completions of a server with <see cref="PacedStub"/>, all at once, each over its own connection. The caller is lean, because it shares the processor with the server.</summary>
internal sealed class StreamLoad(Uri server, int streams, int chunksPerStream)
{
    private static readonly byte[] TimePrefix = Encoding.ASCII.GetBytes(PacedStub.TimePrefix);

    private readonly byte[] _request = CreateRequest(server, chunksPerStream);
    private long _chunks;

    /// <summary>The number of events that have arrived.</summary>
    public long Chunks => Interlocked.Read(ref _chunks);

    /// <summary>Reads all streams to their end.</summary>
    /// <param name="ramp">The time within which they begin, one after the other.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>For each stream, the milliseconds from the model's first token to its arrival.</returns>
    public async Task<double[]> RunAsync(TimeSpan ramp, CancellationToken cancellationToken) => await Task.WhenAll(Enumerable.Range(0, streams).Select(async i =>
    {
        await Task.Delay(ramp * i / streams, cancellationToken);
        return await ReadAsync(cancellationToken);
    }));

    private async Task<double> ReadAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Host, server.Port, cancellationToken);
        await socket.SendAsync(_request, cancellationToken);
        var buffer = new byte[4 * 1024];
        var (head, firstToken, last, events) = (0, double.NaN, (byte)0, 0);
        while (true)
        {
            // Until the first token has come, the bytes are kept, because it may come in parts.
            if (head == buffer.Length) throw new IOException("The stream has no first token.");
            var read = await socket.ReceiveAsync(buffer.AsMemory(head), cancellationToken);
            if (read == 0) break;
            var now = Stopwatch.GetTimestamp();
            var arrived = CountEvents(buffer.AsSpan(head, read), ref last);
            events += arrived;
            Interlocked.Add(ref _chunks, arrived);
            if (!double.IsNaN(firstToken)) continue;
            head += read;
            if (FindTime(buffer.AsSpan(0, head)) is not { } made) continue;
            firstToken = Stopwatch.GetElapsedTime(made, now).TotalMilliseconds;
            head = 0;
        }

        return events >= chunksPerStream ? firstToken : throw new IOException($"A stream ended after {events} events: {Encoding.UTF8.GetString(buffer, 0, head)}");
    }

    /// <summary>Counts the empty lines that end events.</summary>
    private static int CountEvents(ReadOnlySpan<byte> bytes, ref byte last)
    {
        var count = 0;
        foreach (var value in bytes)
        {
            if (value == '\n' && last == '\n') count++;
            last = value;
        }

        return count;
    }

    private static long? FindTime(ReadOnlySpan<byte> bytes)
    {
        var at = bytes.IndexOf(TimePrefix);
        if (at < 0) return null;
        var text = bytes[(at + TimePrefix.Length)..];
        return text.Contains((byte)PacedStub.TimeEnd) && Utf8Parser.TryParse(text, out long time, out _) ? time : null;
    }

    /// <summary>The server closes the connection after the stream, which ends it.</summary>
    private static byte[] CreateRequest(Uri server, int chunks)
    {
        var body = $$"""{"model":"assistant","messages":[{"role":"user","content":"{{chunks}}"}],"stream":true}""";
        return RawConnection.CreatePost(server.Authority, "/v1/chat/completions", body, "Connection: close");
    }
}
