namespace PluginHost.Sqlite.Tests;

public sealed class SqliteHistoryConformance : HistoryProviderConformance
{
    protected override IHistoryProvider Create(PluginContext context) => new SqliteHistory(new SqliteHistoryOptions(), context);
}

/// <summary>The same checks without a cache: every load reads the database.</summary>
public sealed class UncachedSqliteHistoryConformance : HistoryProviderConformance
{
    protected override IHistoryProvider Create(PluginContext context) =>
        new SqliteHistory(new SqliteHistoryOptions(CacheMegabytes: 0), context);
}

public sealed class SqliteSessionsConformance : SessionStoreConformance
{
    protected override ISessionStore Create(PluginContext context) => new SqliteSessions(new SqliteHistoryOptions(), context);
}

public sealed class UncachedSqliteSessionsConformance : SessionStoreConformance
{
    protected override ISessionStore Create(PluginContext context) => new SqliteSessions(new SqliteHistoryOptions(CacheMegabytes: 0), context);
}

public sealed class SqliteJournalConformance : RunJournalConformance
{
    protected override ISessionStore Create(PluginContext context) => new SqliteSessions(new SqliteHistoryOptions(), context);
}

public sealed class UncachedSqliteJournalConformance : RunJournalConformance
{
    protected override ISessionStore Create(PluginContext context) => new SqliteSessions(new SqliteHistoryOptions(CacheMegabytes: 0), context);
}

public sealed class SqliteExplanationConformance : RunExplanationConformance
{
    protected override ISessionStore Create(PluginContext context) => new SqliteSessions(new SqliteHistoryOptions(), context);
}
