using System.Collections.Concurrent;
using System.Diagnostics;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.Postgres.Tests;

/// <summary>A run is one transaction, in one round trip.</summary>
public sealed class SaveTests : StoreTest
{
    [PostgresFact]
    public async Task A_run_is_one_round_trip_and_its_spans_have_no_content()
    {
        var server = await SharedServer.GetAsync();
        var (history, sessions) = (History(server.ConnectionString), Sessions(server.ConnectionString));
        await sessions.StartAsync(None);
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static s => s.Name.StartsWith("PluginHost.Plugin.postgres", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> o) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.Parent?.OperationName == Schema) spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var parent = new Activity(Schema).Start();

        await sessions.SaveAsync(Save(1, "r1", Covered(history, "r1", "secret-text")), None);

        var span = Assert.Single(spans);
        Assert.Equal(("postgresql save", ActivityKind.Client), (span.DisplayName, span.Kind));
        Assert.Equal("postgresql", span.GetTagItem("db.system.name"));
        Assert.DoesNotContain(span.TagObjects, t => $"{t.Value}".Contains("secret", StringComparison.Ordinal) || $"{t.Value}".Contains(PostgresServer.Password, StringComparison.Ordinal));
        Assert.Equal("r1.in r1.out", await MessagesAsync(history));
    }

    /// <summary>As for the renewals of the lease, of which there is one a second.</summary>
    [PostgresFact]
    public async Task What_belongs_to_no_call_has_no_span()
    {
        var server = await SharedServer.GetAsync();
        var sessions = Sessions(server.ConnectionString);
        var roots = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static s => s.Name.StartsWith("PluginHost.Plugin.postgres", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> o) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.ParentSpanId == default) roots.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(listener);

        await sessions.SaveAsync(Save(1, "r1"), None);

        Assert.Empty(roots);
    }

    [PostgresFact]
    public async Task A_conflict_stores_neither_the_run_nor_its_messages()
    {
        var server = await SharedServer.GetAsync();
        var (history, sessions) = (History(server.ConnectionString), Sessions(server.ConnectionString));
        await sessions.SaveAsync(Save(1, "r1", Covered(history, "r1")), None);

        var conflict = await Assert.ThrowsAsync<SessionConflictException>(() => sessions.SaveAsync(Save(1, "r2", Covered(history, "r2")), None).AsTask());
        Assert.Equal((0, 1), (conflict.Expected, conflict.Found));
        await Assert.ThrowsAsync<SessionConflictException>(() => sessions.SaveAsync(Save(3, "r3", Covered(history, "r3")), None).AsTask());

        Assert.Equal(("r1", "r1.in r1.out"), (await RunsAsync(sessions), await MessagesAsync(history)));
    }

    [PostgresFact]
    public async Task A_message_that_is_stored_already_undoes_the_whole_save()
    {
        var server = await SharedServer.GetAsync();
        var (history, sessions) = (History(server.ConnectionString), Sessions(server.ConnectionString));
        await sessions.SaveAsync(Save(1, "r1", Covered(history, "r1")), None);
        var twice = Append("r2") with { Messages = Append("r1").Messages };

        var error = await Assert.ThrowsAsync<PostgresStoreException>(
            () => sessions.SaveAsync(Save(2, "r2", new CoveredAppend { History = history, Append = twice }), None).AsTask());

        Assert.StartsWith("Duplicate message", error.Message, StringComparison.Ordinal);
        Assert.Equal(("r1", 1), (await RunsAsync(sessions), (await FindAsync(sessions))!.Version));
        // One refused write does not make the host unready.
        Assert.True((await sessions.CheckHealthAsync(None)).IsReady);
    }

    [PostgresFact]
    public async Task State_that_has_not_changed_is_not_written_again()
    {
        var server = await SharedServer.GetAsync();
        var sessions = Sessions(server.ConnectionString);
        var first = Save(1, "r1");
        first = first with { Session = first.Session with { Metadata = new Dictionary<string, string> { ["a"] = new string('x', 100_000) } } };
        await sessions.SaveAsync(first, None);
        // Replace what is stored, to see whether the next save writes it.
        await server.ExecuteAsync($"UPDATE {Schema}.sessions SET details = decode(replace(encode(details, 'hex'), '7878', '7979'), 'hex')");

        var second = Save(2, "r2");
        await sessions.SaveAsync(second with { Session = second.Session with { Metadata = first.Session.Metadata }, Previous = first.Session }, None);
        Assert.Equal(new string('y', 100_000), (await FindAsync(sessions))!.Metadata["a"]);

        var third = Save(3, "r3");
        await sessions.SaveAsync(third with { Session = third.Session with { Metadata = new Dictionary<string, string> { ["a"] = "z" } }, Previous = second.Session with { Metadata = first.Session.Metadata } }, None);
        Assert.Equal("z", (await FindAsync(sessions))!.Metadata["a"]);
    }

    [PostgresFact]
    public async Task A_record_that_cannot_be_read_is_left_out_of_lists_and_logged_once()
    {
        var server = await SharedServer.GetAsync();
        var context = Context("postgres-sessions");
        // The first plugin on a database logs for it.
        var sessions = new PostgresSessions(Options(server.ConnectionString), context);
        var history = History(server.ConnectionString);
        await sessions.SaveAsync(Save(1, "r1", Covered(history, "r1")), None);
        await sessions.SaveAsync(Save(2, "r2", Covered(history, "r2")), None);
        await server.ExecuteAsync(
            $"UPDATE {Schema}.runs SET document = '{{' WHERE run = 'r1'; UPDATE {Schema}.messages SET document = '{{' WHERE message = 'r1.in'; UPDATE {Schema}.sessions SET document = '{{'");

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(("r2", "r1.out r2.in r2.out"), (await RunsAsync(sessions), await MessagesAsync(history)));
            Assert.Empty((await sessions.FindSessionsAsync(new SessionQuery { Tenant = "default" }, None)).Items);
        }

        var error = await Assert.ThrowsAsync<PostgresStoreException>(() => FindAsync(sessions));
        Assert.Contains("Delete the session", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, context.Logs.Count(l => l.Message.Contains("cannot be read", StringComparison.Ordinal)));
        Assert.Equal(3, await sessions.DeleteAsync(Session, None));
    }

    private static CoveredAppend Covered(PostgresHistory history, string run, string text = "hello") => new() { History = history, Append = Append(run, text) };

    [PostgresFact]
    public async Task A_page_is_not_empty_because_its_rows_cannot_be_read()
    {
        var server = await SharedServer.GetAsync();
        var (history, sessions) = (History(server.ConnectionString), Sessions(server.ConnectionString));
        await sessions.SaveAsync(Save(1, "r1", Covered(history, "r1")), None);
        await sessions.SaveAsync(Save(2, "r2", Covered(history, "r2")), None);
        var other = new SessionKey("default", "s2");
        await sessions.SaveAsync(new SessionSave { Session = Record(1) with { Key = other }, ExpectedVersion = 0 }, None);
        await server.ExecuteAsync(
            $"UPDATE {Schema}.runs SET document = '{{' WHERE run = 'r1'; UPDATE {Schema}.messages SET document = '{{' WHERE message IN ('r1.in', 'r1.out'); UPDATE {Schema}.sessions SET document = '{{' WHERE session = 's1'");

        Assert.Equal("s2", Assert.Single((await sessions.FindSessionsAsync(new SessionQuery { Tenant = "default", Order = ListOrder.Ascending, Limit = 1 }, None)).Items).Key.Id);
        Assert.Equal("r2", Assert.Single((await sessions.FindRunsAsync(new RunQuery { Tenant = "default", SessionId = "s1", Order = ListOrder.Ascending, Limit = 1 }, None)).Items).Id);
        Assert.Equal("r2.in", Assert.Single((await history.LoadAsync(new HistoryQuery { Session = Session, Order = ListOrder.Ascending, Limit = 1 }, None)).Items).Id);
    }
}
