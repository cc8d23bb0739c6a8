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

    private readonly ToolListSubscription _subscription;
    private readonly IAsyncDisposable? _owned;
    private int _calls;
    private int _checks;
    private volatile string? _broken;

    /// <param name="client">The client, which this object disposes.</param>
    /// <param name="owned">What to dispose after it; null for nothing.</param>
    public ServerConnection(McpClient client, IAsyncDisposable? owned)
    {
        (Client, _owned) = (client, owned);
        _subscription = new ToolListSubscription(client, CheckAgain);
        client.RegisterNotificationHandler(NotificationMethods.ToolListChangedNotification, (_, _) =>
        {
            _changes.Writer.TryWrite(true);
            return default;
        });
        _ = client.Completion.ContinueWith(_ => _changes.Writer.TryComplete(), TaskScheduler.Default);
    }

    public McpClient Client { get; }

    public bool HasEnded => _broken is not null || Client.Completion.IsCompleted;

    /// <summary>Whether a call is in progress.</summary>
    public bool IsBusy => Volatile.Read(ref _calls) > 0;

    /// <summary>Marks the beginning and, disposed, the end of a call.</summary>
    public IDisposable BeginCall()
    {
        Interlocked.Increment(ref _calls);
        return new CallMark(this);
    }

    /// <summary>Why the connection ended.</summary>
    public string EndReason => _broken ?? (Client.Completion is { IsCompletedSuccessfully: true, Result: var end }
        ? end.Exception is { } error ? ServerErrors.Describe(error) : "The server closed the connection."
        : "The connection was lost.");

    public async Task<IReadOnlyList<McpClientTool>> ListToolsAsync(CancellationToken cancellationToken) =>
        Client.ServerCapabilities.Tools is null ? [] : [.. await Client.ListToolsAsync(cancellationToken: cancellationToken)];

    /// <summary>Subscribes to changes of the list where the server wants that.</summary>
    public void Subscribe() => _subscription.Open();

    /// <summary>Ends the wait for a change: a call found that the server may be away.</summary>
    public void CheckAgain() => _changes.Writer.TryWrite(true);

    /// <summary>Asks the server for its list, and ends the connection for later calls when it does not answer. Does nothing while another check runs.</summary>
    /// <param name="limit">How long the server may take.</param>
    /// <param name="time">The clock.</param>
    public async Task CheckAsync(TimeSpan limit, TimeProvider time)
    {
        if (Interlocked.Exchange(ref _checks, 1) == 1) return;
        try
        {
            using var over = new CancellationTokenSource(limit, time);
            await ListToolsAsync(over.Token);
        }
        catch (OperationCanceledException) when (IsBusy)
        {
            // A server that makes one call at a time answers after the call.
        }
        catch (Exception exception)
        {
            _broken = ServerErrors.Describe(exception);
        }
        finally
        {
            Volatile.Write(ref _checks, 0);
        }
    }

    /// <param name="atMost">How long to wait.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async ValueTask<ChangeWait> WaitForChangeAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await _changes.Reader.WaitToReadAsync(either.Token) && _changes.Reader.TryRead(out _) ? ChangeWait.Noticed : ChangeWait.Ended;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ChangeWait.TimedOut;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _subscription.DisposeAsync();
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
