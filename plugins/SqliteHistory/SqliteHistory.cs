using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>
/// Stores messages in a SQLite file. Entries with different <c>Name</c> on one file are separate histories. The newest messages of
/// recently used sessions are cached in memory.
/// </summary>
public sealed partial class SqliteHistory : IHistoryProvider, IPluginLifecycle, IPluginHealth, IResourceHandover
{
    private readonly SqliteHistoryOptions _options;
    private readonly string _source;

    public SqliteHistory(SqliteHistoryOptions options, PluginContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        _options = options;
        _source = context.Name;
        Database = Database.Share(options, context);
    }

    internal Database Database { get; }

    /// <inheritdoc/>
    public ValueTask AcquireAsync(CancellationToken cancellationToken)
    {
        Database.Acquire();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(CancellationToken cancellationToken) => Database.ReleaseAsync();

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        Database.Open();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask StopAsync(CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken) => Database.CheckHealthAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(query.Limit, "query.Limit");
        // The newest messages of a run's window are cached; other queries are lists, and rare.
        if (query is not { UpToRun: null, Before: null, After: null, MaxBytes: null, IncludeFailed: false, Order: ListOrder.Descending, PinnedLimit: <= Window.MaxPinned })
            return ListAsync(query, cancellationToken);
        return Database.Windows.Get(Key(query.Session), query.Limit) is { } window
            ? new ValueTask<Page<HistoryMessage>>(window.GetNewest(query.Limit, query.PinnedLimit))
            : ReadAndCacheAsync(query, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(append);
        var request = new AppendRequest(Prepare(append), Database.Windows, _options.SurvivesPowerLoss);
        await Database.Writer.WriteAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken)
    {
        var request = new DeleteMessagesRequest(Key(deletion.Session), deletion.MessageIds, Database.Windows);
        await Database.EraseAsync(request, cancellationToken);
        return request.Deleted;
    }

    internal PreparedAppend Prepare(HistoryAppend append) => new(Key(append.Session), append);

    private HistoryKey Key(SessionKey session) => new(_source, session);

    private async ValueTask<Page<HistoryMessage>> ListAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        var page = await ReadAsync(query, cancellationToken);
        return new Page<HistoryMessage> { Items = [.. page.Items.Concat(page.Pinned).Select(static m => m.Value)], HasMore = page.HasMore };
    }

    private async ValueTask<Page<HistoryMessage>> ReadAndCacheAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        var key = Key(query.Session);
        var version = Database.Windows.GetVersion(key);
        var page = await ReadAsync(query with { PinnedLimit = Window.MaxPinned }, cancellationToken);
        var window = new Window([.. page.Items.Reverse()], query.Limit, page.HasMore, page.Pinned);
        Database.Windows.AddIfUnchanged(key, window, version);
        return window.GetNewest(query.Limit, query.PinnedLimit);
    }

    private ValueTask<HistoryReader.Result> ReadAsync(HistoryQuery query, CancellationToken cancellationToken) =>
        Database.Readers.ReadAsync(HistoryReader.Read, new HistoryReader.Request(_source, query), cancellationToken);
}
