using PluginHost.Sdk;

[assembly: Plugin("good-history", typeof(GoodPlugin.GoodHistory), Options = typeof(GoodPlugin.GoodHistoryOptions))]

namespace GoodPlugin;

/// <param name="Window">The maximum number of loaded messages.</param>
/// <param name="MaxTokens">A number whose name holds a word for secrets.</param>
public sealed record GoodHistoryOptions(int Window = 10, int MaxTokens = 0);

/// <summary>A history provider that is also a context provider and shares one list among its instances.</summary>
public sealed class GoodHistory(GoodHistoryOptions options, PluginContext context) : IHistoryProvider, IContextProvider
{
    public GoodHistoryOptions Options { get; } = options;

    public SharedList Shared { get; } = context.Share("list", () => new SharedList());

    public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(ContextContribution.Empty);

    public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new Page<HistoryMessage> { Items = Shared.Messages, HasMore = false });

    public ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken) => default;

    public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken) =>
        ValueTask.FromResult(0);
}

/// <summary>A shared resource that records whether it was disposed.</summary>
public sealed class SharedList : IAsyncDisposable
{
    public IReadOnlyList<HistoryMessage> Messages { get; } = [];

    public bool IsDisposed { get; private set; }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return default;
    }
}
