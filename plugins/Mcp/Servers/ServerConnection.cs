using System.Threading.Channels;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace PluginHost.Mcp.Servers;

/// <summary>One connection to a server. Thread-safe.</summary>
internal sealed class ServerConnection : IAsyncDisposable
{
    /// <summary>A change that is not waited for yet makes later ones needless.</summary>
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(3);

    private readonly IAsyncDisposable? _owned;
    private int _calls;

    /// <param name="client">The client, which this object disposes.</param>
    /// <param name="owned">What to dispose after it; null for nothing.</param>
    public ServerConnection(McpClient client, IAsyncDisposable? owned)
    {
        (Client, _owned) = (client, owned);
        client.RegisterNotificationHandler(NotificationMethods.ToolListChangedNotification, (_, _) =>
        {
            _changes.Writer.TryWrite(true);
            return default;
        });
        _ = client.Completion.ContinueWith(_ => _changes.Writer.TryComplete(), TaskScheduler.Default);
    }

    public McpClient Client { get; }

    public bool HasEnded => Client.Completion.IsCompleted;

    /// <summary>Whether a call is in progress.</summary>
    public bool IsBusy => Volatile.Read(ref _calls) > 0;

    /// <summary>Marks the beginning and, disposed, the end of a call.</summary>
    public IDisposable BeginCall()
    {
        Interlocked.Increment(ref _calls);
        return new CallMark(this);
    }

    /// <summary>Why the connection ended.</summary>
    public string EndReason => Client.Completion is { IsCompletedSuccessfully: true, Result: var end }
        ? end.Exception is { } error ? ServerErrors.Describe(error) : "The server closed the connection."
        : "The connection was lost.";

    public async Task<IReadOnlyList<McpClientTool>> ListToolsAsync(CancellationToken cancellationToken) =>
        Client.ServerCapabilities.Tools is null ? [] : [.. await Client.ListToolsAsync(cancellationToken: cancellationToken)];

    /// <returns>False when the connection has ended.</returns>
    public async ValueTask<bool> WaitForChangeAsync(CancellationToken cancellationToken) =>
        await _changes.Reader.WaitToReadAsync(cancellationToken) && _changes.Reader.TryRead(out _);

    public async ValueTask DisposeAsync()
    {
        try
        {
            // Over HTTP it tells the server, which may not answer.
            await Client.DisposeAsync().AsTask().WaitAsync(LongestEnd);
        }
        catch (Exception)
        {
            // A connection that does not end in order is left alone; what it owns is ended all the same.
        }

        if (_owned is not null) await _owned.DisposeAsync();
    }

    private sealed class CallMark(ServerConnection connection) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref connection._calls);
    }
}
