using PluginHost.Postgres.Tests.Server;

namespace PluginHost.Postgres.Tests;

/// <summary>Several hosts use one schema, and each session is one host's.</summary>
public sealed class ClaimTests : StoreTest
{
    [PostgresFact]
    public async Task A_session_is_one_hosts_until_it_is_released()
    {
        var server = await SharedServer.GetAsync();
        var (first, second) = (await JoinAsync(server, "first"), await JoinAsync(server, "second"));

        Assert.Null(await first.ClaimAsync(Session, "first", None));
        Assert.Null(await first.ClaimAsync(Session, "first", None));
        Assert.Equal("first", (await second.ClaimAsync(Session, "second", None))!.Host.Id);

        await first.ReleaseAsync([Session], "first", None);
        Assert.Null(await second.ClaimAsync(Session, "second", None));
        Assert.Equal("second", (await first.ClaimAsync(Session, "first", None))!.Host.Id);
    }

    [PostgresFact]
    public async Task Of_hosts_that_claim_a_session_at_once_one_gets_it()
    {
        var server = await SharedServer.GetAsync();
        var hosts = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => JoinAsync(server, $"h{i}")));

        for (var round = 0; round < 10; round++)
        {
            var session = new SessionKey("default", $"s{round}");
            var owners = await Task.WhenAll(hosts.Select((h, i) => h.ClaimAsync(session, $"h{i}", None).AsTask()));
            var winner = Array.FindIndex(owners, static o => o is null);
            Assert.All(owners.Where((_, i) => i != winner), o => Assert.Equal($"h{winner}", o!.Host.Id));
        }
    }

    [PostgresFact]
    public async Task A_host_whose_lease_is_over_writes_nothing_when_it_comes_back()
    {
        var server = await SharedServer.GetAsync();
        var (first, second) = (await JoinAsync(server, "first"), await JoinAsync(server, "second"));
        var history = History(server.ConnectionString);
        await first.ClaimAsync(Session, "first", None);
        await first.SaveAsync(Save(1, "r1"), None);

        // As if its time had passed.
        await server.ExecuteAsync($"UPDATE {Schema}.hosts SET until = clock_timestamp() - interval '1 ms' WHERE id = 'first'");
        Assert.Null(await second.ClaimAsync(Session, "second", None));
        await second.SaveAsync(Save(2, "r2"), None);

        foreach (var write in new Func<Task>[]
        {
            () => first.SaveAsync(Save(3, "late"), None).AsTask(),
            () => first.WriteAsync(new JournalWrite { Session = Session, RunId = "late", Run = Save(3, "late").Run! with { Status = RunStatus.Running } }, None).AsTask(),
            () => first.DeleteAsync(Session, None).AsTask(),
            () => history.AppendAsync(Append("late"), None).AsTask(),
            () => history.DeleteAsync(new HistoryDeletion { Session = Session }, None).AsTask(),
        })
        {
            var error = await Assert.ThrowsAsync<SessionMovedException>(write);
            Assert.Equal(Session, error.Session);
            Assert.Contains("Another host has taken over session 's1'", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal("r1 r2", await RunsAsync(second));
        Assert.Equal(0L, server.Query($"SELECT count(*) FROM {Schema}.messages"));

        // With a lease again, it claims like any other.
        await RenewAsync(first, "first");
        Assert.Equal("second", (await first.ClaimAsync(Session, "first", None))!.Host.Id);
    }

    [PostgresFact]
    public async Task A_host_that_has_lost_a_session_writes_nothing_until_it_claims_it_again()
    {
        var server = await SharedServer.GetAsync();
        var (first, second) = (await JoinAsync(server, "first"), await JoinAsync(server, "second"));
        await first.ClaimAsync(Session, "first", None);
        await first.SaveAsync(Save(1, "r1"), None);
        await server.ExecuteAsync($"UPDATE {Schema}.hosts SET until = clock_timestamp() - interval '1 ms' WHERE id = 'first'");
        Assert.Null(await second.ClaimAsync(Session, "second", None));
        await Assert.ThrowsAsync<SessionMovedException>(() => first.SaveAsync(Save(2, "late"), None).AsTask());

        await second.ReleaseAsync([Session], "second", None);
        await RenewAsync(first, "first");
        await Assert.ThrowsAsync<SessionMovedException>(() => first.SaveAsync(Save(2, "late"), None).AsTask());

        Assert.Null(await first.ClaimAsync(Session, "first", None));
        await first.SaveAsync(Save(2, "r2"), None);
        Assert.Equal("r1 r2", await RunsAsync(first));
    }

    [PostgresFact]
    public async Task A_host_that_claims_a_session_again_learns_once_that_another_host_has_had_it()
    {
        var server = await SharedServer.GetAsync();
        var (first, second) = (await JoinAsync(server, "first"), await JoinAsync(server, "second"));
        await first.ClaimAsync(Session, "first", None);
        await server.ExecuteAsync($"UPDATE {Schema}.hosts SET until = clock_timestamp() - interval '1 ms' WHERE id = 'first'");
        Assert.Null(await second.ClaimAsync(Session, "second", None));
        await second.ReleaseAsync([Session], "second", None);
        await RenewAsync(first, "first");

        Assert.Equal(Session, (await Assert.ThrowsAsync<SessionMovedException>(() => first.ClaimAsync(Session, "first", None).AsTask())).Session);
        await Assert.ThrowsAsync<SessionMovedException>(() => first.SaveAsync(Save(1, "early"), None).AsTask());
        Assert.Null(await first.ClaimAsync(Session, "first", None));

        // The same when it has met the other host in between.
        await server.ExecuteAsync($"UPDATE {Schema}.hosts SET until = clock_timestamp() - interval '1 ms' WHERE id = 'first'");
        await RenewAsync(second, "second");
        Assert.Null(await second.ClaimAsync(Session, "second", None));
        await RenewAsync(first, "first");
        Assert.Equal("second", (await first.ClaimAsync(Session, "first", None))!.Host.Id);
        await second.ReleaseAsync([Session], "second", None);
        await Assert.ThrowsAsync<SessionMovedException>(() => first.ClaimAsync(Session, "first", None).AsTask());
        Assert.Null(await first.ClaimAsync(Session, "first", None));
        await first.SaveAsync(Save(1, "r1"), None);

        // No other host had it in between.
        await server.ExecuteAsync($"UPDATE {Schema}.hosts SET until = clock_timestamp() - interval '1 ms' WHERE id = 'first'");
        await RenewAsync(first, "first");
        Assert.Null(await first.ClaimAsync(Session, "first", None));
    }

    [PostgresFact]
    public async Task A_write_that_is_refused_late_leaves_a_later_claim()
    {
        var server = await SharedServer.GetAsync();
        var (first, second) = (await JoinAsync(server, "first"), await JoinAsync(server, "second"));
        await first.ClaimAsync(Session, "first", None);
        var old = (await first.Database.Fences.RequireAsync(Session, None))!.Value;
        await server.ExecuteAsync($"UPDATE {Schema}.hosts SET until = clock_timestamp() - interval '1 ms' WHERE id = 'first'");
        Assert.Null(await second.ClaimAsync(Session, "second", None));
        await second.ReleaseAsync([Session], "second", None);
        await RenewAsync(first, "first");
        await Assert.ThrowsAsync<SessionMovedException>(() => first.ClaimAsync(Session, "first", None).AsTask());
        Assert.Null(await first.ClaimAsync(Session, "first", None));

        // As the answer to a write that was sent before.
        first.Database.Fences.Lose(Session, old);

        await first.SaveAsync(Save(1, "r1"), None);
    }

    [PostgresFact]
    public async Task A_lease_is_renewed_while_calls_use_all_connections()
    {
        var server = await SharedServer.GetAsync();
        var first = Sessions($"{server.ConnectionString};Maximum Pool Size=1");
        await RenewAsync(first, "first");
        await first.SaveAsync(Save(1, "r1"), None);
        await using var connection = new Npgsql.NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new Npgsql.NpgsqlCommand($"SELECT 1 FROM {Schema}.sessions FOR UPDATE", connection, transaction);
        await command.ExecuteScalarAsync();
        var waiting = first.DeleteAsync(Session, None).AsTask();
        await PostgresServer.WaitAsync(() => Task.FromResult(
            server.Query($"SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%{Schema}%'") is > 0L));

        var lease = Assert.Single(await RenewAsync(first, "first"));

        Assert.False(waiting.IsCompleted);
        Assert.True(lease.IsLive);
        await transaction.RollbackAsync();
        await waiting;
    }

    [PostgresFact]
    public async Task A_host_that_has_left_writes_nothing()
    {
        var server = await SharedServer.GetAsync();
        var (first, second) = (await JoinAsync(server, "first"), await JoinAsync(server, "second"));
        await first.ClaimAsync(Session, "first", None);
        await first.LeaveAsync("first", None);
        Assert.Null(await second.ClaimAsync(Session, "second", None));

        await Assert.ThrowsAsync<SessionMovedException>(() => first.SaveAsync(Save(1, "late"), None).AsTask());
    }

    [PostgresFact]
    public async Task A_claim_of_another_hosts_session_does_not_wait_for_its_writes()
    {
        var server = await SharedServer.GetAsync();
        var (first, second) = (await JoinAsync(server, "first"), await JoinAsync(server, "second"));
        await first.ClaimAsync(Session, "first", None);
        await using var connection = new Npgsql.NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new Npgsql.NpgsqlCommand($"SELECT 1 FROM {Schema}.claims FOR SHARE", connection, transaction);
        await command.ExecuteScalarAsync();

        // Shorter than the time after which a command fails.
        var owner = await second.ClaimAsync(Session, "second", None).AsTask().WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System);

        Assert.Equal("first", owner!.Host.Id);
    }

    [PostgresFact]
    public async Task A_host_without_a_lease_claims_nothing()
    {
        var server = await SharedServer.GetAsync();
        var sessions = await JoinAsync(server, "first");
        await server.ExecuteAsync($"UPDATE {Schema}.hosts SET until = clock_timestamp() - interval '1 ms'");

        var error = await Assert.ThrowsAsync<PostgresStoreException>(() => sessions.ClaimAsync(Session, "first", None).AsTask());
        Assert.Contains("no lease", error.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_claim_that_had_to_wait_knows_the_leases_that_were_renewed_meanwhile()
    {
        var server = await SharedServer.GetAsync();
        var (first, second, third) = (await JoinAsync(server, "first"), await JoinAsync(server, "second"), await JoinAsync(server, "third"));
        await first.ClaimAsync(Session, "first", None);
        await server.ExecuteAsync($"UPDATE {Schema}.hosts SET until = clock_timestamp() - interval '1 ms' WHERE id <> 'third'");
        await using var connection = new Npgsql.NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new Npgsql.NpgsqlCommand($"UPDATE {Schema}.claims SET host = 'second', fence = nextval('{Schema}.fences')", connection, transaction);
        await command.ExecuteNonQueryAsync();

        var claim = third.ClaimAsync(Session, "third", None).AsTask();
        await PostgresServer.WaitAsync(() => Task.FromResult(
            server.Query($"SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%{Schema}%'") is > 0L));
        await RenewAsync(second, "second");
        await transaction.CommitAsync();

        Assert.Equal("second", (await claim)!.Host.Id);
    }

    [PostgresFact]
    public async Task A_host_that_leaves_frees_its_sessions_at_once()
    {
        var server = await SharedServer.GetAsync();
        var (first, second) = (await JoinAsync(server, "first"), await JoinAsync(server, "second"));
        await first.ClaimAsync(Session, "first", None);

        await first.LeaveAsync("first", None);

        Assert.Null(await second.ClaimAsync(Session, "second", None));
        Assert.Equal(["second"], (await RenewAsync(second, "second")).Select(h => h.Host.Id));
    }

    [PostgresFact(linuxOnly: true)]
    public async Task The_lease_of_a_process_that_is_gone_from_this_machine_ends_at_once()
    {
        var server = await SharedServer.GetAsync();
        var (first, second) = (await JoinAsync(server, "first"), await JoinAsync(server, "second"));
        await first.ClaimAsync(Session, "first", None);
        var gone = (HostProcess.Current with { Id = int.MaxValue }).ToString();
        await server.ExecuteAsync($"UPDATE {Schema}.hosts SET process = '{gone}' WHERE id = 'first'");

        Assert.False((await RenewAsync(second, "second")).Single(h => h.Host.Id == "first").IsLive);
        Assert.Null(await second.ClaimAsync(Session, "second", None));
    }

    [PostgresFact]
    public async Task Claims_of_a_lost_host_are_removed_a_thousand_with_each_renewal()
    {
        var server = await SharedServer.GetAsync();
        var first = await JoinAsync(server, "first");
        await JoinAsync(server, "lost");
        await server.ExecuteAsync($"INSERT INTO {Schema}.claims (tenant, session, host, fence) SELECT 'default', int8send(i), 'lost', i FROM generate_series(1, 2500) i");
        await server.ExecuteAsync($"UPDATE {Schema}.hosts SET until = clock_timestamp() - interval '2 hours' WHERE id = 'lost'");

        await RenewAsync(first, "first");
        Assert.Equal(1500L, server.Query($"SELECT count(*) FROM {Schema}.claims"));
        Assert.Equal(2L, server.Query($"SELECT count(*) FROM {Schema}.hosts"));

        for (var i = 0; i < 3; i++) await RenewAsync(first, "first");
        Assert.Equal(0L, server.Query($"SELECT count(*) FROM {Schema}.claims"));
        Assert.Equal(1L, server.Query($"SELECT count(*) FROM {Schema}.hosts"));
    }

    [PostgresFact]
    public async Task A_new_build_of_the_plugin_finds_the_claims_of_its_host()
    {
        var server = await SharedServer.GetAsync();
        var old = await JoinAsync(server, "first");
        await old.ClaimAsync(Session, "first", None);
        await old.SaveAsync(Save(1, "r1"), None);

        var changed = Sessions(server.ConnectionString, isOtherHost: true);
        await RenewAsync(changed, "first");
        await changed.SaveAsync(Save(2, "r2"), None);
        // Calls on their way to the old build still pass.
        await old.SaveAsync(Save(3, "r3"), None);

        Assert.Equal("r1 r2 r3", await RunsAsync(changed));
    }

    [PostgresFact]
    public async Task A_host_whose_first_renewal_fails_writes_nothing()
    {
        var server = await SharedServer.GetAsync();
        var owner = await JoinAsync(server, "second");
        Assert.Null(await owner.ClaimAsync(Session, "second", None));
        await server.ExecuteAsync($"CREATE FUNCTION {Schema}.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$");
        await server.ExecuteAsync($"CREATE TRIGGER fails BEFORE INSERT ON {Schema}.hosts FOR EACH ROW EXECUTE FUNCTION {Schema}.fail()");
        var late = Sessions(server.ConnectionString, isOtherHost: true);

        await Assert.ThrowsAsync<PostgresStoreException>(() => RenewAsync(late, "late").AsTask());

        await Assert.ThrowsAsync<SessionMovedException>(() => late.SaveAsync(Save(1, "late"), None).AsTask());
    }

    [PostgresFact]
    public async Task A_description_of_a_host_comes_back_as_it_was_given()
    {
        var server = await SharedServer.GetAsync();
        var sessions = Sessions(server.ConnectionString);
        var host = Describe("first") with { Address = "http://10.0.0.1:5080/", Agents = ["a", "b"], Runs = 3 };

        var lease = Assert.Single(await sessions.RenewAsync(host, None));

        Assert.Equal(["a", "b"], lease.Host.Agents);
        Assert.Equal(host with { Agents = lease.Host.Agents }, lease.Host);
        Assert.InRange(lease.Remaining.TotalSeconds, 5, 6);
    }
}
