using Microsoft.Extensions.Time.Testing;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.Postgres.Tests;

/// <summary>What a host knows of its sessions counts while nothing else can have changed them.</summary>
[Collection(nameof(Alone))]
public sealed class CacheTests : StoreTest
{
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
    public async Task After_a_write_whose_repetition_could_not_connect_nothing_is_known()
    {
        var (server, proxy, _) = await ConnectThroughProxyAsync();
        await using var disposed = proxy;
        var user = $"u{Schema}";
        await server.ExecuteAsync($"CREATE ROLE {user} LOGIN PASSWORD 'p'");
        await server.ExecuteAsync($"CREATE SCHEMA {Schema} AUTHORIZATION {user}");
        var sessions = Sessions($"Host=127.0.0.1;Port={proxy.Port};Database=postgres;Username={user};Password=p");
        await RenewAsync(sessions, "first");
        await sessions.SaveAsync(Save(1, "r1"), None);
        Assert.NotNull(sessions.Database.Fences.FindToRead(Session));

        await server.ExecuteAsync($"ALTER ROLE {user} NOLOGIN");
        proxy.CutNextAnswer();
        await Assert.ThrowsAsync<PostgresStoreException>(() => sessions.SaveAsync(Save(2, "r2"), None).AsTask());

        Assert.Null(sessions.Database.Fences.FindToRead(Session));
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
}
