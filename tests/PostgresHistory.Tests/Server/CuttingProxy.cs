using System.Net;
using System.Net.Sockets;

namespace PluginHost.Postgres.Tests.Server;

/// <summary>A proxy before the server that cuts connections at chosen places, and may change what the server says of itself.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _sockets = [];
    private readonly int _target;
    private readonly Task _accepting;
    private volatile bool _cutsAnswers;
    private volatile bool _refuses;

    public CuttingProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;



    /// <summary>Replaces bytes of the server's answers by as many others; null to change nothing.</summary>
    public (byte[] From, byte[] To)? Replacement { get; init; }

    /// <summary>Lets the next request of a client reach the server, and cuts the connection before its answer: the client cannot know the end.</summary>
    public void CutNextAnswer() => _cutsAnswers = true;

    /// <summary>Cuts all connections.</summary>
    public void CutAll()
    {
        lock (_sockets)
        {
            foreach (var socket in _sockets) socket.Dispose();
            _sockets.Clear();
        }
    }

    /// <summary>Cuts all connections, and each new one at once, until <see cref="Allow"/>.</summary>
    public void Refuse()
    {
        _refuses = true;
        CutAll();
    }

    public void Allow() => _refuses = false;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        CutAll();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }


            if (_refuses) client.Dispose();
            else _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        lock (_sockets) _sockets.AddRange([client, server]);
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(PumpAsync(client, server, isAnswer: false), PumpAsync(server, client, isAnswer: true));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One of the ends is gone.
        }
        finally
        {
            client.Dispose();
            server.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is var count and > 0)
            {
                if (isAnswer && _cutsAnswers)
                {
                    _cutsAnswers = false;
                    return;
                }

                if (isAnswer) Replace(buffer.AsSpan(0, count));
                await to.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection was cut.
        }
    }

    private void Replace(Span<byte> bytes)
    {
        if (Replacement is { } replacement && bytes.IndexOf(replacement.From) is >= 0 and var at) replacement.To.CopyTo(bytes[at..]);
    }
}
