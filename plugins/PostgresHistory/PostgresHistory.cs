using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>Stores messages in PostgreSQL. Entries with different <c>Name</c> in one schema are separate histories.</summary>
public sealed class PostgresHistory : IHistoryProvider, IPluginLifecycle, IPluginHealth
{
    public PostgresHistory(PostgresOptions options, PluginContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        Source = context.Name;
        Database = Database.Share(options, context);
    }

    internal Database Database { get; }

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken) => Database.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask StopAsync(CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken) => Database.CheckHealthAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(query.Limit, "query.Limit");
        if (!Window.Answers(query)) return HistoryReader.ReadAsync(Database, Source, query, cancellationToken);
        return Database.Cache.Find(query.Session)?.FindWindow(Source) is { } window && window.Reaches(query.Limit)
            ? new ValueTask<Page<HistoryMessage>>(window.GetNewest(query.Limit, query.PinnedLimit))
            : ReadAndKeepAsync(query, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(append);
        await Database.WriteAsync("append", append.Session, [.. AppendStatements.From(Source, new PreparedAppend(append))], cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deletion);
        if (deletion.MessageIds is { Count: 0 }) return 0;
        return await Database.WriteAsync("delete messages", deletion.Session, DeleteStatements.From(Source, deletion), cancellationToken);
    }

    /// <summary>Its name in its chain.</summary>
    internal string Source { get; }

    private async ValueTask<Page<HistoryMessage>> ReadAndKeepAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        if (Database.Cache.BeginRead(query.Session) is not { } begun) return await HistoryReader.ReadAsync(Database, Source, query, cancellationToken);
        var window = await HistoryReader.ReadWindowAsync(Database, Source, query, cancellationToken);
        Database.Cache.Add(query.Session, begun, known => known.With(Source, window));
        return window.GetNewest(query.Limit, query.PinnedLimit);
    }
}
