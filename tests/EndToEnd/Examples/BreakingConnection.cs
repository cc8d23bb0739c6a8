using System.Net;
using System.Net.Sockets;

namespace PluginHost.EndToEnd.Examples;

/// <summary>
/// A network between a client and a host on which every connection breaks: the host gets the whole request, and the client a part of the
/// answer. Every other connection lasts for one answer, and not for two.
/// </summary>
internal sealed class BreakingConnection : IAsyncDisposable
{
    /// <summary>How many bytes of answers a connection delivers: a part of a run or of a stream, or a whole one.</summary>
    private const int Short = 600, Long = 2800;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _port;
    private readonly Task _accepting;
    private int _broken;

    public BreakingConnection(RunningHost host)
    {
        _port = new Uri(host.Address).Port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    /// <summary>How many connections have broken.</summary>
    public int Broken => _broken;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var relays = new List<Task>();
        try
        {
            for (var delivered = Short; ; delivered = delivered == Short ? Long : Short)
                relays.Add(RelayAsync(await _listener.AcceptSocketAsync(_end.Token), delivered));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(relays);
        }
    }

    private async Task RelayAsync(Socket client, int delivered)
    {
        using var near = client;
        using var host = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await host.ConnectAsync(IPAddress.Loopback, _port, _end.Token);
            var sending = CopyAsync(near, host, long.MaxValue);
            if (await CopyAsync(host, near, delivered)) Interlocked.Increment(ref _broken);
            // Without the usual end of a connection, as when a network fails.
            near.Close(0);
            host.Close();
            await sending;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One of the two has gone.
        }
    }

    /// <returns>Whether there was more than the limit.</returns>
    private async Task<bool> CopyAsync(Socket from, Socket to, long limit)
    {
        try
        {
            var buffer = new byte[4096];
            while (await from.ReceiveAsync(buffer, _end.Token) is > 0 and var read)
            {
                await to.SendAsync(buffer.AsMemory(0, (int)Math.Min(read, limit)), _end.Token);
                if (read > limit) return true;
                limit -= read;
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other direction has ended the connection.
        }

        return false;
    }
}
