using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.Journal;

internal sealed partial class RunJournalChecks
{
    private static readonly RunQuery All = new() { Tenant = "default", SessionId = "s1" };

    [Case]
    public async Task Open_runs_are_listed_after_those_that_have_ended_by_creation_and_id()
    {
        await CreateAsync();
        var early = await OpenAsync(Open("early", -9));
        await OpenAsync(Open("b", 5));
        await OpenAsync(Open("late", 9));
        await OpenAsync(Open("B", 5));
        await EndAsync(Open("e1", 20), isOpen: false);
        await EndAsync(Open("e2", 10), isOpen: false);
        for (var i = 0; i < 2; i++)
        {
            Expect.Equal("e1:Completed e2:Completed early:Running B:Running b:Running late:Running", await RunsAsync(All));
            Expect.Equal("late:Running b:Running …", await RunsAsync(All with { Order = ListOrder.Descending, Limit = 2 }));
            Expect.Equal("B:Running early:Running e2:Completed …", await RunsAsync(All with { Order = ListOrder.Descending, After = "b", Limit = 3 }));
            Expect.Equal("e2:Completed early:Running …", await RunsAsync(All with { After = "e1", Limit = 2 }));
            Expect.Equal("e2:Completed early:Running …", await RunsAsync(All with { Before = "B", Limit = 2 }));
            Expect.Equal("b:Running late:Running", await RunsAsync(All with { After = "B", Limit = 2 }));
            await ReopenAsync();
        }

        await EndAsync(early);
        Expect.Equal("e1:Completed e2:Completed early:Completed B:Running b:Running late:Running", await RunsAsync(All));
    }

    [Case]
    public async Task Open_runs_are_found_by_id_and_by_idempotency_key()
    {
        await CreateAsync();
        await EndAsync(Open("r1") with { IdempotencyKey = "k1" }, isOpen: false);
        await OpenAsync(Open("r2") with { IdempotencyKey = "k2" });
        for (var i = 0; i < 2; i++)
        {
            Expect.Equal("r2:Running", await RunsAsync(new RunQuery { Tenant = "default", RunId = "r2" }));
            Expect.Equal("r2:Running", await RunsAsync(All with { RunId = "r2" }));
            Expect.Equal("r2:Running", await RunsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k2" }));
            Expect.Equal("", await RunsAsync(new RunQuery { Tenant = "other", RunId = "r2" }));
            Expect.Equal("", await RunsAsync(new RunQuery { Tenant = "other", IdempotencyKey = "k2" }));
            Expect.Equal("", await RunsAsync(All with { SessionId = "unknown", RunId = "r2" }));
            await ReopenAsync();
        }

        await OpenAsync(Open("r3", 1) with { IdempotencyKey = "k1" });
        Expect.Equal("r3:Running", await RunsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k1" }));
        await ReopenAsync();
        Expect.Equal("r3:Running", await RunsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k1" }));
    }

    [Case]
    public async Task An_idempotency_key_belongs_to_the_run_that_was_written_last()
    {
        var query = new RunQuery { Tenant = "default", IdempotencyKey = "k1" };
        await CreateAsync();
        await OpenAsync(Open("r1") with { IdempotencyKey = "k1" });
        await OpenAsync(Open("r2", 1) with { IdempotencyKey = "k1" });
        Expect.Equal("r2:Running", await RunsAsync(query));
        await ReopenAsync();
        Expect.Equal("r2:Running", await RunsAsync(query));
        await EndAsync(Open("r3", 2) with { IdempotencyKey = "k1" }, isOpen: false);
        Expect.Equal("r3:Completed", await RunsAsync(query));
        await ReopenAsync();
        Expect.Equal("r3:Completed", await RunsAsync(query));
    }

    [Case]
    public async Task Open_runs_of_all_sessions_are_listed_the_oldest_first()
    {
        var other = new SessionKey("other", "s2");
        await CreateAsync();
        await CreateAsync(other);
        await OpenAsync(Open("c", 3, status: RunStatus.RequiresAction));
        await OpenAsync(Open("a", 1, other, RunStatus.Queued));
        await OpenAsync(Open("B", 2, other));
        await OpenAsync(Open("b", 2));
        await EndAsync(Open("ended", 2), isOpen: false);
        for (var i = 0; i < 2; i++)
        {
            Expect.Equal("a B b c", await OpenRunsAsync());
            Expect.Equal("b c", await OpenRunsAsync(new OpenRunQuery { Tenant = "default" }));
            Expect.Equal("a B", await OpenRunsAsync(new OpenRunQuery { Tenant = "other" }));
            Expect.Equal("", await OpenRunsAsync(new OpenRunQuery { Tenant = "unknown" }));
            Expect.Equal("B b", await OpenRunsAsync(new OpenRunQuery { Status = RunStatus.Running }));
            Expect.Equal("b", await OpenRunsAsync(new OpenRunQuery { Status = RunStatus.Running, Tenant = "default" }));
            Expect.Equal("a", await OpenRunsAsync(new OpenRunQuery { Status = RunStatus.Queued }));
            await ReopenAsync();
        }

        await Journal.WriteAsync(First(Open("c", 3)), None);
        Expect.Equal("B b c", await OpenRunsAsync(new OpenRunQuery { Status = RunStatus.Running }));
        Expect.Equal("", await OpenRunsAsync(new OpenRunQuery { Status = RunStatus.RequiresAction }));
    }

    [Case]
    public async Task Pages_of_open_runs_continue_after_a_run_that_has_ended()
    {
        await CreateAsync();
        foreach (var i in new[] { 3, 1, 5, 2, 4 }) await OpenAsync(Open($"r{i}", i));
        var query = new OpenRunQuery { Limit = 2 };
        Expect.Equal("r1 r2 …", await OpenRunsAsync(query));
        foreach (var i in new[] { 1, 2 }) await EndAsync(Open($"r{i}", i));
        Expect.Equal("r3 r4 …", await OpenRunsAsync(query with { After = RunPlace.From(Open("r2", 2)) }));
        await ReopenAsync();
        Expect.Equal("r3 r4 …", await OpenRunsAsync(query with { After = RunPlace.From(Open("r2", 2)) }));
        Expect.Equal("r5", await OpenRunsAsync(query with { After = RunPlace.From(Open("r4", 4)) }));
        Expect.Equal("r4 r5", await OpenRunsAsync(query with { After = RunPlace.From(Open("r3", 3)) }));
        await EndAsync(Open("r5", 5));
        Expect.Equal("", await OpenRunsAsync(query with { After = RunPlace.From(Open("r5", 5)) }));
    }

    [Case]
    public async Task A_search_finds_open_runs_at_their_time()
    {
        if (await Store.SearchRunsAsync(new RunSearch { Limit = 1 }, None) is null) return;
        await CreateAsync();
        await EndAsync(Open("r1", 1), isOpen: false);
        await OpenAsync(Open("r2", 2) with { TraceId = new string('a', 32) });
        await EndAsync(Open("r3", 3), isOpen: false);
        await OpenAsync(Open("r4", 4, status: RunStatus.RequiresAction) with { Skipped = ["memory"] });
        await EndAsync(await OpenAsync(Open("r5", 5)));
        await OpenAsync(Open("r1", 1) with { Attempt = 2 });
        for (var i = 0; i < 2; i++)
        {
            Expect.Equal("r5:Completed r4:RequiresAction r3:Completed r2:Running r1:Running", await SearchAsync(new RunSearch { Tenant = "default" }));
            Expect.Equal("r2:Running r1:Running", await SearchAsync(new RunSearch { Tenant = "default", Status = RunStatus.Running }));
            Expect.Equal("r4:RequiresAction", await SearchAsync(new RunSearch { Tenant = "default", OnlyTrouble = true }));
            Expect.Equal("r2:Running", await SearchAsync(new RunSearch { TraceId = new string('a', 32) }));
            Expect.Equal("", await SearchAsync(new RunSearch { Tenant = "other" }));
            Expect.Equal("r5:Completed r4:RequiresAction r3:Completed r2:Running r1:Running", await SearchInPagesAsync(new RunSearch { Tenant = "default", Limit = 1 }));
            Expect.Equal("r5:Completed r4:RequiresAction r3:Completed r2:Running r1:Running", await SearchInPagesAsync(new RunSearch { MaxExamined = 1 }));
            await ReopenAsync();
        }

        await Store.DeleteAsync(Key, None);
        Expect.Equal("", await SearchAsync(new RunSearch()));
    }

    private async Task<string> SearchAsync(RunSearch search) =>
        string.Join(' ', (await Store.SearchRunsAsync(search, None))!.Runs.Select(r => $"{r.Id}:{r.Status}"));

    private async Task<string> SearchInPagesAsync(RunSearch search)
    {
        var (found, next) = (new List<string>(), search);
        do
        {
            var page = (await Store.SearchRunsAsync(next, None))!;
            found.AddRange(page.Runs.Select(r => $"{r.Id}:{r.Status}"));
            next = page.Next is null ? null : search with { After = page.Next };
        }
        while (next is not null && found.Count < 20);
        return string.Join(' ', found);
    }

    [Case]
    public async Task Pages_of_open_runs_that_share_a_place_skip_none()
    {
        SessionKey[] keys = [Key, Key with { Id = "s2" }];
        foreach (var key in keys)
        {
            await CreateAsync(key);
            await OpenAsync(Open("r1", 1, key));
        }

        await OpenAsync(Open("r2", 2));

        Expect.Equal("r1 r1 …", await OpenRunsAsync(new OpenRunQuery { Limit = 1 }));
        Expect.Equal("r2", await OpenRunsAsync(new OpenRunQuery { Limit = 1, After = RunPlace.From(Open("r1", 1)) }));
    }
}
