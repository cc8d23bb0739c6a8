using PluginHost.Postgres.Tests.Server;

namespace PluginHost.Postgres.Tests;

/// <summary>Connections that are lost, and a server that goes away.</summary>
public sealed class ConnectionTests : StoreTest
{
    [PostgresFact]
    public async Task A_save_whose_answer_is_lost_is_stored_once_and_acknowledged()
    {
        var (_, proxy, connectionString) = await ConnectThroughProxyAsync();
        await using var disposed = proxy;
        var (history, sessions) = (History(connectionString), Sessions(connectionString));
        await sessions.SaveAsync(Save(1, "r1", Covered(history, "r1")), None);

        for (var version = 2; version <= 6; version++)
        {
            proxy.CutNextAnswer();
            await sessions.SaveAsync(Save(version, $"r{version}", Covered(history, $"r{version}")), None);
        }

        Assert.Equal("r1 r2 r3 r4 r5 r6", await RunsAsync(sessions));
        Assert.Equal("r1.in r1.out r2.in r2.out r3.in r3.out r4.in r4.out r5.in r5.out r6.in r6.out", await MessagesAsync(history));
        Assert.Equal(6, (await FindAsync(sessions))!.Version);
    }

    [PostgresFact]
    public async Task A_journal_write_whose_answer_is_lost_is_stored_once()
    {
        var (_, proxy, connectionString) = await ConnectThroughProxyAsync();
        await using var disposed = proxy;
        var sessions = Sessions(connectionString);
        await sessions.StartAsync(None);
        var run = Save(1, "r1").Run! with { Status = RunStatus.Running };

        proxy.CutNextAnswer();
        await sessions.WriteAsync(new JournalWrite { Session = Session, RunId = "r1", Run = run, NewSession = Record(1), Steps = ["1"u8.ToArray()] }, None);
        proxy.CutNextAnswer();
        await sessions.WriteAsync(new JournalWrite { Session = Session, RunId = "r1", FirstStep = 1, Steps = ["2"u8.ToArray(), "3"u8.ToArray()] }, None);

        var steps = await sessions.ReadAsync(Session, "r1", 0, 10, None);
        Assert.Equal([(0, "1"), (1, "2"), (2, "3")], steps.Items.Select(s => (s.Position, System.Text.Encoding.UTF8.GetString(s.Document.Span))));
    }

    [PostgresFact]
    public async Task A_conflict_is_a_conflict_although_an_answer_was_lost()
    {
        var (_, proxy, connectionString) = await ConnectThroughProxyAsync();
        await using var disposed = proxy;
        var sessions = Sessions(connectionString);
        await sessions.SaveAsync(Save(1, "r1"), None);
        await sessions.SaveAsync(Save(2, "other"), None);

        proxy.CutNextAnswer();
        await Assert.ThrowsAsync<SessionConflictException>(() => sessions.SaveAsync(Save(2, "r2"), None).AsTask());

        Assert.Equal("r1 other", await RunsAsync(sessions));
    }

    [PostgresFact]
    public async Task Calls_after_all_connections_were_cut_succeed()
    {
        var (_, proxy, connectionString) = await ConnectThroughProxyAsync();
        await using var disposed = proxy;
        var sessions = Sessions(connectionString);
        await sessions.SaveAsync(Save(1, "r1"), None);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RunsAsync(sessions)));

        for (var i = 0; i < 3; i++)
        {
            proxy.CutAll();
            Assert.All(await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RunsAsync(sessions))), r => Assert.Equal("r1", r));
        }
    }

    [PostgresFact]
    public async Task A_server_that_is_away_is_named_and_used_again_when_it_is_back()
    {
        var (_, proxy, connectionString) = await ConnectThroughProxyAsync();
        await using var disposed = proxy;
        var (history, sessions) = (History(connectionString), Sessions(connectionString));
        await sessions.SaveAsync(Save(1, "r1", Covered(history, "r1")), None);
        proxy.Refuse();

        var error = await Assert.ThrowsAsync<PostgresStoreException>(() => sessions.SaveAsync(Save(2, "r2", Covered(history, "r2")), None).AsTask());
        Assert.Contains($"PostgreSQL at '127.0.0.1:{proxy.Port}' cannot be reached", error.Message, StringComparison.Ordinal);
        var health = await sessions.CheckHealthAsync(None);
        Assert.False(health.IsReady);
        Assert.Contains("cannot be reached", health.Text, StringComparison.Ordinal);

        proxy.Allow();
        Assert.True((await sessions.CheckHealthAsync(None)).IsReady);
        await sessions.SaveAsync(Save(2, "r2", Covered(history, "r2")), None);
        Assert.Equal(("r1 r2", "r1.in r1.out r2.in r2.out"), (await RunsAsync(sessions), await MessagesAsync(history)));
    }

    [PostgresFact]
    public async Task A_restart_of_the_server_loses_nothing()
    {
        await using var server = await PostgresServer.StartNewAsync();
        var (history, sessions) = (History(server.ConnectionString), Sessions(server.ConnectionString));
        await sessions.SaveAsync(Save(1, "r1", Covered(history, "r1")), None);

        await server.StopAsync();
        await PostgresServer.WaitAsync(async () => !(await history.CheckHealthAsync(None)).IsReady);
        await Assert.ThrowsAsync<PostgresStoreException>(() => sessions.SaveAsync(Save(2, "r2", Covered(history, "r2")), None).AsTask());
        await server.StartAsync();

        await sessions.SaveAsync(Save(2, "r2", Covered(history, "r2")), None);
        Assert.True((await history.CheckHealthAsync(None)).IsReady);
        Assert.Equal(("r1 r2", "r1.in r1.out r2.in r2.out"), (await RunsAsync(sessions), await MessagesAsync(history)));
    }

    [PostgresFact]
    public async Task A_host_starts_without_its_server_and_creates_the_tables_when_it_comes()
    {
        var (_, proxy, connectionString) = await ConnectThroughProxyAsync();
        await using var disposed = proxy;
        proxy.Refuse();
        var sessions = Sessions(connectionString);

        await sessions.StartAsync(None);
        Assert.False((await sessions.CheckHealthAsync(None)).IsReady);
        proxy.Allow();

        Assert.True((await sessions.CheckHealthAsync(None)).IsReady);
        await sessions.SaveAsync(Save(1, "r1"), None);
    }

    [PostgresTheory]
    [InlineData("", true)]
    [InlineData(";Max Auto Prepare=0", false)]
    public async Task The_server_keeps_prepared_statements_of_direct_connections_unless_told_not_to(string setting, bool expected)
    {
        await using var server = await PostgresServer.StartNewAsync();
        var sessions = Sessions($"{server.ConnectionString};Options=-c log_statement=all{setting}");

        for (var version = 1; version <= 20; version++) await sessions.SaveAsync(Save(version, $"r{version}"), None);

        // A statement that is not prepared is logged as unnamed.
        Assert.Equal(expected, server.ReadLog().Contains("execute _auto", StringComparison.Ordinal));
    }

    [PostgresTheory]
    [InlineData("", "3 1 3")]
    [InlineData(";Options=-c tcp_keepalives_idle=77", "77 1 3")]
    public async Task The_server_notices_soon_that_the_machine_of_a_host_is_lost_unless_told_when(string setting, string expected)
    {
        var server = await SharedServer.GetAsync();
        var sessions = Sessions(server.ConnectionString + setting);
        await sessions.StartAsync(None);

        var found = await sessions.Database.ReadAsync(
            "test",
            new Statement("SELECT concat_ws(' ', current_setting('tcp_keepalives_idle'), current_setting('tcp_keepalives_interval'), current_setting('tcp_keepalives_count'))"),
            static async (Npgsql.NpgsqlDataReader rows, CancellationToken token) => await rows.ReadAsync(token) ? rows.GetString(0) : "",
            None);

        Assert.Equal(expected, found);
    }

    [PgBouncerFact]
    public async Task PgBouncer_in_transaction_mode_serves_more_runs_at_once_than_it_has_connections()
    {
        var server = await SharedServer.GetAsync();
        await using var bouncer = await PgBouncer.StartAsync(server.Port);
        var connectionString = PostgresServer.ConnectTo(bouncer.Port);
        var sessions = Sessions(connectionString);
        await sessions.StartAsync(None);
        await RenewAsync(sessions, "first");

        await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            var key = new SessionKey("default", $"s{i}");
            for (var version = 1; version <= 5; version++)
            {
                var save = Save(version, $"r{version}");
                await sessions.SaveAsync(save with { Session = save.Session with { Key = key }, Run = save.Run! with { Session = key } }, None);
            }
        }));

        Assert.Equal(60L, server.Query($"SELECT count(*) FROM {Schema}.runs"));
        Assert.InRange(sessions.Database.Groups.Stored, 1, 60);
        Assert.True(Assert.Single(await RenewAsync(sessions, "first")).IsLive);
    }

    private static CoveredAppend Covered(PostgresHistory history, string run) => new() { History = history, Append = Append(run) };

    [PostgresFact]
    public async Task A_read_does_not_hide_that_writes_fail()
    {
        var server = await SharedServer.GetAsync();
        await Sessions(server.ConnectionString).SaveAsync(Save(1, "r1"), None);
        var sessions = Sessions(server.ConnectionString + ";Options=-c default_transaction_read_only=on");

        await Assert.ThrowsAsync<PostgresStoreException>(() => sessions.SaveAsync(Save(2, "r2"), None).AsTask());
        Assert.Equal("r1", await RunsAsync(sessions));

        var health = await sessions.CheckHealthAsync(None);
        Assert.False(health.IsReady);
        Assert.Contains("is read-only", health.Text, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_lost_connection_of_the_lease_closes_no_connection_of_other_calls()
    {
        var (_, proxy, connectionString) = await ConnectThroughProxyAsync();
        await using var disposed = proxy;
        var sessions = Sessions(connectionString + ";Maximum Pool Size=1");
        await RenewAsync(sessions, "first");
        var backend = await BackendAsync();

        proxy.CutNextAnswer();
        await RenewAsync(sessions, "first");

        Assert.Equal(backend, await BackendAsync());

        async Task<int> BackendAsync() => await sessions.Database.ReadAsync(
            "test",
            new Statement("SELECT pg_backend_pid()"),
            static async (Npgsql.NpgsqlDataReader rows, CancellationToken token) => await rows.ReadAsync(token) ? rows.GetInt32(0) : 0,
            None);
    }

    [PostgresFact]
    public async Task A_journal_write_that_meets_its_own_first_try_is_stored_once()
    {
        var server = await SharedServer.GetAsync();
        var sessions = Sessions(server.ConnectionString);
        var run = Save(1, "r1").Run! with { Status = RunStatus.Running };
        await sessions.WriteAsync(new JournalWrite { Session = Session, RunId = "r1", Run = run, NewSession = Record(1), Steps = ["1"u8.ToArray()] }, None);
        var write = new JournalWrite { Session = Session, RunId = "r1", FirstStep = 1, Steps = ["2"u8.ToArray(), "3"u8.ToArray()] };

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => sessions.WriteAsync(write, None).AsTask()));

        var steps = await sessions.ReadAsync(Session, "r1", 0, 10, None);
        Assert.Equal([0, 1, 2], steps.Items.Select(s => s.Position));
    }

    [PostgresFact]
    public async Task Calls_before_the_first_connection_share_one_attempt()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var sessions = Sessions(PostgresServer.ConnectTo(((System.Net.IPEndPoint)silent.LocalEndpoint).Port) + ";Timeout=1");

        var calls = Enumerable.Range(0, 30).Select(_ => Assert.ThrowsAsync<PostgresStoreException>(() => RunsAsync(sessions))).ToList();

        await Task.WhenAll(calls).WaitAsync(TimeSpan.FromSeconds(15));
    }
}
