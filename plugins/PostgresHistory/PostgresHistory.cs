using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>Stores messages in PostgreSQL. Entries with different <c>Name</c> in one schema are separate histories.</summary>
public sealed class PostgresHistory : IHistoryProvider, IPluginLifecycle, IPluginHealth
{
    private readonly string _source;

    public PostgresHistory(PostgresOptions options, PluginContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        _source = context.Name;
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
        return HistoryReader.ReadAsync(Database, _source, query, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(append);
        await Database.WriteAsync("append", append.Session, [.. Prepare(append)], cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(deletion);
        if (deletion.MessageIds is { Count: 0 }) return 0;
        return await Database.WriteAsync("delete messages", deletion.Session, DeleteStatements.From(_source, deletion), cancellationToken);
    }

    internal IEnumerable<Statement> Prepare(HistoryAppend append) => AppendStatements.From(_source, append);
}
