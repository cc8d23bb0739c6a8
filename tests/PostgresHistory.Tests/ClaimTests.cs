using Microsoft.Extensions.Time.Testing;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.Postgres.Tests;

/// <summary>Tests beside which no others run: changes of sessions are counted for the process, and all tests use the same session.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>Several hosts use one schema, and each session is one host's.</summary>
[Collection(nameof(Alone))]
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
    public async Task A_host_without_a_lease_claims_nothing()
    {
        var server = await SharedServer.GetAsync();
        var sessions = await JoinAsync(server, "first");
        await server.ExecuteAsync($"UPDATE {Schema}.hosts SET until = clock_timestamp() - interval '1 ms'");

        var error = await Assert.ThrowsAsync<PostgresStoreException>(() => sessions.ClaimAsync(Session, "first", None).AsTask());
        Assert.Contains("no lease", error.Message, StringComparison.Ordinal);
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

    [PostgresFact]
    public async Task What_a_host_knows_of_a_session_counts_while_no_other_host_can_have_it()
    {
        var server = await SharedServer.GetAsync();
        var time = new FakeTimeProvider();
        var context = new TestPluginContext("postgres-sessions") { Clock = time };
        await using var _ = context;
        var first = new PostgresSessions(Options(server.ConnectionString), context);
        var history = new PostgresHistory(Options(server.ConnectionString), context);
        await RenewAsync(first, "first");
        await first.SaveAsync(Save(1, "r1", new CoveredAppend { History = history, Append = Append("r1") }), None);
        Assert.Equal("r1.out r1.in", await WindowAsync(history));

        // To see what is read again.
        await server.ExecuteAsync($"DELETE FROM {Schema}.messages WHERE message = 'r1.in'");
        Assert.Equal("r1.out r1.in", await WindowAsync(history));
        await first.SaveAsync(Save(2, "r2", new CoveredAppend { History = history, Append = Append("r2") }), None);
        Assert.Equal("r2.out r2.in r1.out r1.in", await WindowAsync(history));
        Assert.Equal(2, (await FindAsync(first))!.Version);

        await server.ExecuteAsync($"UPDATE {Schema}.sessions SET version = 3, document = convert_to(replace(convert_from(document, 'UTF8'), '\"version\":2', '\"version\":3'), 'UTF8')");
        Assert.Equal(2, (await FindAsync(first))!.Version);
        time.Advance(HostLease.Duration);
        Assert.Equal((3, "r2.out r2.in r1.out"), ((await FindAsync(first))!.Version, await WindowAsync(history)));

        // A new lease says nothing of the time between. The session has to be claimed again.
        await RenewAsync(first, "first");
        Assert.Equal((3, "r2.out r2.in r1.out"), ((await FindAsync(first))!.Version, await WindowAsync(history)));
        Assert.Null(await first.ClaimAsync(Session, "first", None));
        Assert.Equal("r2.out r2.in r1.out r1.in", await WindowAsync(history));

        // Not under a later claim.
        await first.ReleaseAsync([Session], "first", None);
        Assert.Equal("r2.out r2.in r1.out", await WindowAsync(history));
        Assert.Null(await first.ClaimAsync(Session, "first", None));
        Assert.Equal("r2.out r2.in r1.out", await WindowAsync(history));
        await server.ExecuteAsync($"DELETE FROM {Schema}.messages");
        Assert.Equal("r2.out r2.in r1.out", await WindowAsync(history));
    }

    [PostgresFact]
    public async Task A_doubt_about_a_write_ends_with_the_claim_under_which_it_was_sent()
    {
        var server = await SharedServer.GetAsync();
        var first = await JoinAsync(server, "first");
        var fences = first.Database.Fences;
        var fence = await fences.RequireAsync(Session, None);
        Assert.Equal(fence, fences.FindToRead(Session));

        // A save that is stored rules out an earlier save, and nothing else.
        fences.Doubt(Session, fence, isSave: true);
        Assert.Null(fences.FindToRead(Session));
        fences.Trust(Session);
        Assert.Equal(fence, fences.FindToRead(Session));
        fences.Doubt(Session, fence, isSave: false);
        fences.Doubt(Session, fence, isSave: true);
        fences.Trust(Session);
        Assert.Null(fences.FindToRead(Session));

        // As a release that does not reach the server: the claim stays.
        fences.Forget(Session);
        Assert.Null(await first.ClaimAsync(Session, "first", None));
        Assert.Equal(fence, await fences.RequireAsync(Session, None));
        Assert.Null(fences.FindToRead(Session));

        await first.ReleaseAsync([Session], "first", None);
        Assert.Null(await first.ClaimAsync(Session, "first", None));
        Assert.NotEqual(fence, await fences.RequireAsync(Session, None));
        Assert.NotNull(fences.FindToRead(Session));
    }

    [PostgresFact]
    public async Task A_change_by_another_build_of_the_plugin_is_seen_at_once()
    {
        var server = await SharedServer.GetAsync();
        var (old, history) = (await JoinAsync(server, "first"), History(server.ConnectionString));
        var changed = Sessions(server.ConnectionString, isOtherHost: true);
        await RenewAsync(changed, "first");

        for (var version = 1; version <= 6; version += 2)
        {
            await old.SaveAsync(Save(version, $"r{version}", new CoveredAppend { History = history, Append = Append($"r{version}") }), None);
            Assert.Equal((version, version), ((await FindAsync(changed))!.Version, (await FindAsync(old))!.Version));
            await changed.SaveAsync(Save(version + 1, $"r{version + 1}"), None);
            Assert.Equal((version + 1, version + 1), ((await FindAsync(changed))!.Version, (await FindAsync(old))!.Version));
        }
    }

    [PostgresFact]
    public async Task After_a_write_with_an_unknown_end_nothing_is_known_although_its_repetition_was_refused()
    {
        var server = await SharedServer.GetAsync();
        var (first, history) = (await JoinAsync(server, "first"), History(server.ConnectionString));
        await first.SaveAsync(Save(1, "r1", new CoveredAppend { History = history, Append = Append("r1") }), None);
        Assert.NotNull(first.Database.Fences.FindToRead(Session));
        await server.ExecuteAsync($"CREATE SEQUENCE {Schema}.tries");
        await server.ExecuteAsync(
            $"CREATE FUNCTION {Schema}.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " +
            $"IF nextval('{Schema}.tries') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); END IF; RAISE EXCEPTION 'no'; END $$");
        await server.ExecuteAsync($"CREATE TRIGGER fails BEFORE INSERT ON {Schema}.messages FOR EACH ROW EXECUTE FUNCTION {Schema}.fail()");

        await Assert.ThrowsAsync<PostgresStoreException>(() => history.AppendAsync(Append("r2"), None).AsTask());

        Assert.Null(first.Database.Fences.FindToRead(Session));
    }

    [PostgresFact]
    public async Task Deleted_messages_are_in_no_window()
    {
        var server = await SharedServer.GetAsync();
        var (first, history) = (await JoinAsync(server, "first"), History(server.ConnectionString));
        await first.SaveAsync(Save(1, "r1", new CoveredAppend { History = history, Append = Append("r1") }), None);
        Assert.Equal("r1.out r1.in", await WindowAsync(history));

        await history.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["r1.in"] }, None);
        Assert.Equal("r1.out", await WindowAsync(history));
        await history.AppendAsync(Append("r2"), None);
        Assert.Equal("r2.out r2.in r1.out", await WindowAsync(history));
        await history.DeleteAsync(new HistoryDeletion { Session = Session }, None);
        await first.DeleteAsync(Session, None);
        Assert.Equal("", await WindowAsync(history));
        Assert.Null(await FindAsync(first));
    }

    [PostgresFact]
    public async Task Of_changes_that_overlap_nothing_is_kept()
    {
        var server = await SharedServer.GetAsync();
        var first = await JoinAsync(server, "first");
        var (cache, fence) = (first.Database.Cache, await first.Database.Fences.RequireAsync(Session, None));
        cache.End(cache.BeginChange(Session, fence), static known => known with { Record = Record(1) });
        Assert.Equal(1, cache.Find(Session)!.Record!.Version);

        var (one, other) = (cache.BeginChange(Session, fence), cache.BeginChange(Session, fence));
        Assert.NotNull(one.Known);
        Assert.Null(other.Known);
        Assert.Null(cache.Find(Session));
        cache.End(one, static known => known with { Record = Record(2) });
        cache.End(other, static known => known with { Record = Record(3) });
        Assert.Null(cache.Find(Session));

        // A read that began before the end of a change is not kept.
        var change = cache.BeginChange(Session, fence);
        var begun = cache.BeginRead(Session);
        SessionCache.End(change);
        cache.Add(Session, begun, static known => known with { Record = Record(4) });
        Assert.Null(cache.Find(Session));
    }

    private static async Task<string> WindowAsync(PostgresHistory history) => string.Join(
        ' ', (await history.LoadAsync(new HistoryQuery { Session = Session, Order = ListOrder.Descending, Limit = 50 }, None)).Items.Select(m => m.Id));

    private async Task<PostgresSessions> JoinAsync(PostgresServer server, string id)
    {
        // Each host has its own fences; the first one shares them with the histories of the test.
        var sessions = Sessions(server.ConnectionString, isOtherHost: id != "first");
        await RenewAsync(sessions, id);
        return sessions;
    }

    private static ValueTask<IReadOnlyList<HostLease>> RenewAsync(PostgresSessions sessions, string id) => sessions.RenewAsync(Describe(id), None);

    private static HostDescription Describe(string id) => new() { Id = id, Name = id, Version = "1", StartedAt = DateTimeOffset.UnixEpoch };
}
