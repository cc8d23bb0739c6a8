using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>
/// Keeps messages in a SQLite file. Entries of different <c>Name</c> on one file are histories of their own. The newest messages
/// of sessions that were used lately are also kept in memory, so that loading them touches no disk.
/// </summary>
public sealed class SqliteHistory : IHistoryProvider, IPluginLifecycle, IPluginHealth
{
    private readonly SqliteHistoryOptions _options;
    private readonly string _source;

    public SqliteHistory(SqliteHistoryOptions options, IPluginContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        _options = options;
        _source = context.Name;
        Database = Database.Share(options, context);
    }

    internal Database Database { get; }

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        Database.Open();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask StopAsync(CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public ValueTask<string?> CheckHealthAsync(CancellationToken cancellationToken) => Database.CheckHealthAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Limit is { } limit) return ListAsync(query, limit, cancellationToken);
        if (query is not { UpToRun: null, Before: null, After: null, IncludeFailed: false, Order: ListOrder.Ascending })
            return ReadWindowAsync(query, cancellationToken);
        return Database.Windows.Get(Key(query.Session), _options.Window) is { } window
            ? new ValueTask<Page<HistoryMessage>>(window.Take(_options.Window))
            : ReadAndKeepAsync(query, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(append);
        var request = new AppendRequest(Prepare(append), Database.Windows, _options.IsFull);
        await Database.Writer.WriteAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteAsync(SessionKey session, IReadOnlyList<string>? messageIds, CancellationToken cancellationToken)
    {
        var request = new DeleteRequest(Key(session), messageIds, Database.Windows);
        await Database.Writer.WriteAsync(request, cancellationToken);
        return request.Removed;
    }

    internal PreparedAppend Prepare(HistoryAppend append) => new(Key(append.Session), append);

    private HistoryKey Key(SessionKey session) => new(_source, session);

    private async ValueTask<Page<HistoryMessage>> ListAsync(HistoryQuery query, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit, "query.Limit");
        var page = await ReadAsync(query, query.Order, limit, cancellationToken);
        return new Page<HistoryMessage>([.. page.Items.Select(static m => m.Value)], page.HasMore);
    }

    private async ValueTask<Page<HistoryMessage>> ReadAndKeepAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        var key = Key(query.Session);
        var stamp = Database.Windows.Stamp(key);
        var window = await WindowAsync(query, cancellationToken);
        Database.Windows.Offer(key, window, stamp);
        return window.Take(_options.Window);
    }

    /// <summary>The window of a part of the history, or with failed runs: rare, so that it is not kept.</summary>
    private async ValueTask<Page<HistoryMessage>> ReadWindowAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        var page = (await WindowAsync(query, cancellationToken)).Take(_options.Window);
        return query.Order == ListOrder.Ascending ? page : page with { Items = [.. page.Items.Reverse()] };
    }

    private async ValueTask<Window> WindowAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        var page = await ReadAsync(query, ListOrder.Descending, _options.Window, cancellationToken);
        return new Window([.. page.Items.Reverse()], _options.Window, page.HasMore);
    }

    private ValueTask<Page<StoredMessage>> ReadAsync(HistoryQuery query, ListOrder order, int limit, CancellationToken cancellationToken) =>
        Database.Readers.ReadAsync(HistoryReads.Read, new HistoryReads.Request(_source, query, order, limit), cancellationToken);
}
