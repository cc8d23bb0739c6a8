using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace PluginHost.Mcp.Servers;

/// <summary>A subscription to changes of the list of tools, where a server sends them to subscribers alone. Not thread-safe.</summary>
/// <param name="client">The client, whose handler of notices gets the changes.</param>
/// <param name="onBreak">Called when the subscription breaks.</param>
internal sealed class ToolListSubscription(McpClient client, Action onBreak) : IAsyncDisposable
{
    /// <summary>From this revision of the protocol on, servers send notices only to clients that subscribe.</summary>
    private const string FirstWithSubscriptions = "2026-07-28";

    private readonly CancellationTokenSource _end = new();
    private Task _open = Task.CompletedTask;
    private volatile bool _isRefused;

    private bool IsNeeded => string.CompareOrdinal(client.NegotiatedProtocolVersion, FirstWithSubscriptions) >= 0 && client.ServerCapabilities.Tools?.ListChanged == true;

    /// <summary>Subscribes, unless a subscription is open or the server refuses it. One that has ended is made again.</summary>
    public void Open()
    {
        if (IsNeeded && _open.IsCompleted && !_isRefused) _open = HoldAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _end.Dispose();
    }

    /// <summary>The answer comes when the server ends the subscription.</summary>
    private async Task HoldAsync()
    {
        try
        {
            await client.SendRequestAsync<SubscriptionsListenRequestParams, EmptyResult>(
                RequestMethods.SubscriptionsListen,
                new SubscriptionsListenRequestParams { Notifications = new SubscriptionsListenNotifications { ToolsListChanged = true } },
                cancellationToken: _end.Token);
        }
        catch (McpProtocolException)
        {
            // The list is read at an interval alone.
            _isRefused = true;
        }
        catch (Exception)
        {
            // Over HTTP the stream of the subscription breaks when the server ends.
            onBreak();
        }
    }
}
