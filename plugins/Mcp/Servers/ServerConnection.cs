using System.Threading.Channels;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace PluginHost.Mcp.Servers;

/// <summary>One connection to a server. Thread-safe.</summary>
internal sealed class ServerConnection : IAsyncDisposable
{
    /// <summary>A change that is not waited for yet makes later ones needless.</summary>
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly IAsyncDisposable? _owned;

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
        await Client.DisposeAsync();
        if (_owned is not null) await _owned.DisposeAsync();
    }
}
