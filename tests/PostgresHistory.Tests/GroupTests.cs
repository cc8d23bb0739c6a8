using Npgsql;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.Postgres.Tests;

/// <summary>Saves that wait together are one transaction, and each is accepted or refused by itself.</summary>
public sealed class GroupTests : StoreTest
{
    private const int Count = 40;

    [PostgresFact]
    public async Task Saves_of_many_sessions_are_stored_together_in_order()
    {
        var server = await SharedServer.GetAsync();
        var (history, sessions) = await JoinAsync(server);

        for (var version = 1; version <= 5; version++) await Task.WhenAll(Keys().Select(key => SaveAsync(sessions, history, key, version)));

        // The first save of each session creates it.
        Assert.Equal(5 * Count, sessions.Database.Groups.Stored);
        var (otherHistory, otherSessions) = (History(server.ConnectionString, isOtherHost: true), Sessions(server.ConnectionString, isOtherHost: true));
        foreach (var key in Keys())
        {
            Assert.Equal(5, (await FindAsync(otherSessions, key))!.Version);
            Assert.Equal("r1 r2 r3 r4 r5", await RunsAsync(otherSessions, key));
            Assert.Equal("r1.in r1.out r2.in r2.out r3.in r3.out r4.in r4.out r5.in r5.out", await MessagesAsync(otherHistory, key));
            Assert.Equal(await MessagesAsync(otherHistory, key), await MessagesAsync(history, key));
        }
    }

    [PostgresFact]
    public async Task A_conflict_a_lost_session_and_a_duplicate_fail_alone()
    {
        var server = await SharedServer.GetAsync();
        var (history, sessions) = await JoinAsync(server);
        await Task.WhenAll(Keys().Select(key => SaveAsync(sessions, history, key, 1)));
        var (conflicting, moved) = (Key(3), Key(5));
        var other = Sessions(server.ConnectionString, isOtherHost: true);
        await other.RenewAsync(Describe("second"), None);
        await server.ExecuteAsync($"UPDATE {Schema}.hosts SET until = clock_timestamp() - interval '1 ms' WHERE id = 'first'");
        Assert.Null(await other.ClaimAsync(moved, "second", None));

        var saves = Keys().Select(key => SaveAsync(sessions, history, key, key == conflicting ? 7 : 2)).ToList();
        foreach (var (key, save) in Keys().Zip(saves))
        {
            if (key == conflicting) Assert.Equal((6, 1), await save.ContinueWith(static t => t.Exception!.InnerException is SessionConflictException e ? (e.Expected, e.Found) : default, TaskScheduler.Default));
            else if (key == moved) await Assert.ThrowsAsync<SessionMovedException>(() => save);
            else await save;
        }

        Assert.Equal((2 * Count) - 2, sessions.Database.Groups.Stored);
        foreach (var key in Keys())
        {
            var isStored = key != conflicting && key != moved;
            Assert.Equal(isStored ? "r1 r2" : "r1", await RunsAsync(other, key));
            Assert.Equal(isStored ? "r1.in r1.out r2.in r2.out" : "r1.in r1.out", await MessagesAsync(History(server.ConnectionString, isOtherHost: true), key));
        }

        // A duplicate undoes a group, whose other saves are written alone.
        saves = [.. Keys().Where(k => k != conflicting && k != moved).Select(key => SaveAsync(sessions, history, key, 3, messagesOf: key == Key(7) ? "r2" : "r3"))];
        await Task.WhenAll(saves).ContinueWith(static _ => { }, TaskScheduler.Default);
        var failed = Assert.Single(saves, static s => s.IsFaulted);
        Assert.StartsWith("Duplicate message", Assert.IsType<PostgresStoreException>(failed.Exception!.InnerException).Message, StringComparison.Ordinal);
        Assert.Equal("r1 r2", await RunsAsync(other, Key(7)));
        Assert.Equal("r1 r2 r3", await RunsAsync(other, Key(8)));
        Assert.True((await sessions.CheckHealthAsync(None)).IsReady);
    }

    [PostgresFact]
    public async Task New_sessions_are_stored_together_and_one_that_exists_fails_alone()
    {
        var server = await SharedServer.GetAsync();
        var (history, sessions) = await JoinAsync(server);
        await SaveAsync(sessions, history, Key(0), 1);

        var saves = Keys().Select(key => SaveAsync(sessions, history, key, 1)).ToList();
        await Assert.ThrowsAsync<SessionConflictException>(() => saves[0]);
        await Task.WhenAll(saves.Skip(1));

        Assert.Equal(Count, sessions.Database.Groups.Stored);
        var (otherHistory, otherSessions) = (History(server.ConnectionString, isOtherHost: true), Sessions(server.ConnectionString, isOtherHost: true));
        foreach (var key in Keys())
        {
            Assert.Equal(1, (await FindAsync(otherSessions, key))!.Version);
            Assert.Equal(("r1", "r1.in r1.out"), (await RunsAsync(otherSessions, key), await MessagesAsync(otherHistory, key)));
        }
    }

    [PostgresFact]
    public async Task A_save_in_a_group_ends_its_open_run_and_takes_its_key()
    {
        var server = await SharedServer.GetAsync();
        var (history, sessions) = await JoinAsync(server);
        await SaveAsync(sessions, history, Key(0), 1, key: "k");
        await SaveAsync(sessions, history, Key(1), 1);
        await sessions.WriteAsync(
            new JournalWrite { Session = Key(1), RunId = "r2", Run = Run(Key(1), 2) with { Status = RunStatus.Running }, Steps = [new byte[] { 1 }, new byte[] { 2 }] }, None);

        await SaveAsync(sessions, history, Key(1), 2, key: "k", endsRun: true);

        Assert.Equal(3, sessions.Database.Groups.Stored);
        Assert.Equal(0L, server.Query($"SELECT count(*) FROM {Schema}.steps"));
        Assert.Empty((await sessions.FindOpenRunsAsync(new OpenRunQuery { Limit = 10 }, None)).Items);
        var run = Assert.Single((await sessions.FindRunsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k", Limit = 10 }, None)).Items);
        Assert.Equal(("r2", Key(1)), (run.Id, run.Session));
    }

    [PostgresFact]
    public async Task A_save_whose_group_lost_its_answer_is_stored_once_and_acknowledged()
    {
        var (server, proxy, connectionString) = await ConnectThroughProxyAsync();
        await using var disposed = proxy;
        var (history, sessions) = (History(connectionString), Sessions(connectionString));
        await sessions.RenewAsync(Describe("first"), None);
        await SaveAsync(sessions, history, Key(0), 1);
        Assert.Equal("r1.in r1.out", await MessagesAsync(history, Key(0)));

        for (var version = 2; version <= 4; version++)
        {
            proxy.CutNextAnswer();
            await SaveAsync(sessions, history, Key(0), version);
        }

        Assert.Equal(1, sessions.Database.Groups.Stored);
        Assert.Equal((4, "r1 r2 r3 r4"), ((await FindAsync(sessions, Key(0)))!.Version, await RunsAsync(sessions, Key(0))));
        Assert.Equal("r1.in r1.out r2.in r2.out r3.in r3.out r4.in r4.out", await MessagesAsync(history, Key(0)));
        Assert.Equal(await MessagesAsync(history, Key(0)), await MessagesAsync(History(server.ConnectionString, isOtherHost: true), Key(0)));
    }

    [PostgresFact]
    public async Task A_save_that_waits_can_be_cancelled_and_waits_for_no_lock_of_another_session()
    {
        var server = await SharedServer.GetAsync();
        var (history, sessions) = await JoinAsync(server);
        await Task.WhenAll(SaveAsync(sessions, history, Key(0), 1), SaveAsync(sessions, history, Key(1), 1));
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand($"SELECT 1 FROM {Schema}.sessions WHERE session = 's0' FOR UPDATE", connection, transaction);
        await command.ExecuteScalarAsync();

        var locked = SaveAsync(sessions, history, Key(0), 2);
        using var cancellation = new CancellationTokenSource();
        var cancelled = SaveAsync(sessions, history, Key(1), 2, cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal("r1", await RunsAsync(sessions, Key(1)));

        // Shorter than the time after which a command fails.
        await SaveAsync(sessions, history, Key(1), 2).WaitAsync(TimeSpan.FromSeconds(8), TimeProvider.System);
        Assert.False(locked.IsCompleted);
        await transaction.RollbackAsync();
        await locked;
        Assert.Equal(("r1 r2", "r1 r2"), (await RunsAsync(sessions, Key(0)), await RunsAsync(sessions, Key(1))));
    }

    [PostgresFact]
    public async Task A_group_that_takes_long_keeps_no_other_save_waiting()
    {
        var server = await SharedServer.GetAsync();
        var (history, sessions) = await JoinAsync(server);
        await Task.WhenAll(SaveAsync(sessions, history, Key(0), 1), SaveAsync(sessions, history, Key(1), 1));
        await server.ExecuteAsync($"CREATE SEQUENCE {Schema}.tries");
        await server.ExecuteAsync(
            $"CREATE FUNCTION {Schema}.hang() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('{Schema}.tries') = 1 THEN PERFORM pg_sleep(9); END IF; RETURN NEW; END $$");
        await server.ExecuteAsync($"CREATE TRIGGER hangs BEFORE UPDATE ON {Schema}.sessions FOR EACH ROW WHEN (OLD.session = 's0') EXECUTE FUNCTION {Schema}.hang()");

        var slow = SaveAsync(sessions, history, Key(0), 2);
        await SaveAsync(sessions, history, Key(1), 2);
        Assert.False(slow.IsCompleted);

        // Its repetition does not hang.
        server.Query($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '%{Schema}%'");
        await slow;
        Assert.Equal(("r1 r2", "r1 r2"), (await RunsAsync(sessions, Key(0)), await RunsAsync(sessions, Key(1))));
    }

    [Theory]
    [InlineData(100, 8)]
    [InlineData(20, 8)]
    [InlineData(10, 3)]
    [InlineData(4, 0)]
    [InlineData(1, 0)]
    public void Slow_groups_leave_half_of_the_connections_to_other_calls(int connections, int slow) => Assert.Equal(slow, SaveGroups.MaxSlowOf(connections));

    [PostgresFact]
    public async Task Plans_of_groups_find_rows_by_indexes()
    {
        var server = await SharedServer.GetAsync();
        var (history, sessions) = await JoinAsync(server);
        await Task.WhenAll(Keys().Select(key => SaveAsync(sessions, history, key, 1)));
        // Often enough that connections have prepared the statements, while the tables are small.
        for (var version = 2; version <= 20; version++) await SaveAsync(sessions, history, Key(0), version);
        await server.ExecuteAsync(
            $"INSERT INTO {Schema}.sessions (tenant, session, version, created_at, updated_at, document, details, runs) SELECT 'other', int8send(i), 1, 0, 0, '', '', 0 FROM generate_series(1, 20000) i");

        for (var version = 21; version <= 30; version++) await SaveAsync(sessions, history, Key(0), version);

        Assert.Equal(Count + 29, sessions.Database.Groups.Stored);
        // A connection reports what it has done when it ends.
        server.Query($"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%{Schema}%' AND pid <> pg_backend_pid()");
        var counts = $"FROM pg_stat_user_tables WHERE schemaname = '{Schema}' AND relname = 'sessions'";
        await PostgresServer.WaitAsync(() => Task.FromResult(server.Query($"SELECT n_tup_upd {counts}") is >= 29L));
        Assert.InRange((long)server.Query($"SELECT seq_tup_read {counts}")!, 0, 10_000);
    }

    private static SessionKey Key(int i) => new("default", $"s{i}");

    private static IEnumerable<SessionKey> Keys() => Enumerable.Range(0, Count).Select(Key);

    private static async Task SaveAsync(
        PostgresSessions sessions,
        PostgresHistory history,
        SessionKey session,
        long version,
        string? messagesOf = null,
        string? key = null,
        bool endsRun = false,
        CancellationToken cancellationToken = default)
    {
        var append = Append(messagesOf ?? $"r{version}") with { Session = session, RunId = $"r{version}" };
        var save = new SessionSave
        {
            Session = Record(version) with { Key = session, LastRunId = $"r{version}" },
            ExpectedVersion = version - 1,
            Run = Run(session, version) with { IdempotencyKey = key },
            EndsRun = endsRun,
            Appends = [new CoveredAppend { History = history, Append = append }],
        };
        await sessions.SaveAsync(save, cancellationToken);
    }

    private static RunRecord Run(SessionKey session, long version) =>
        new() { Id = $"r{version}", Session = session, Agent = "assistant", Status = RunStatus.Completed, CreatedAt = DateTimeOffset.UnixEpoch.AddSeconds(version) };

    private static async Task<SessionRecord?> FindAsync(PostgresSessions sessions, SessionKey key) =>
        (await sessions.FindSessionsAsync(new SessionQuery { Tenant = key.Tenant, Id = key.Id }, None)).Items.SingleOrDefault();

    private static async Task<string> RunsAsync(PostgresSessions sessions, SessionKey key) => string.Join(
        ' ', (await sessions.FindRunsAsync(new RunQuery { Tenant = key.Tenant, SessionId = key.Id, Limit = 1000 }, None)).Items.Select(r => r.Id).Order(StringComparer.Ordinal));

    private static async Task<string> MessagesAsync(PostgresHistory history, SessionKey key) =>
        string.Join(' ', (await history.LoadAsync(new HistoryQuery { Session = key, Order = ListOrder.Descending, Limit = 1000 }, None)).Items.Reverse().Select(m => m.Id));

    private async Task<(PostgresHistory History, PostgresSessions Sessions)> JoinAsync(PostgresServer server) =>
        (History(server.ConnectionString), await JoinAsync(server, "first"));
}
