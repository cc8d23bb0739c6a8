using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.Sessions;

internal sealed partial class SessionStoreChecks
{
    [Case]
    public async Task Sessions_are_listed_by_creation_and_id()
    {
        foreach (var record in new[] { Record("late", 9), Record("b", 5), Record("B", 5), Record("early"), Record("a", 5) }) await CreateAsync(record);
        await UpdateAsync(Record("early"));
        await ReopenAsync();

        Expect.Equal("early B a b late", await SessionIdsAsync(new SessionQuery { Tenant = "default" }));
        Expect.Equal("late b a B early", await SessionIdsAsync(new SessionQuery { Tenant = "default", Order = ListOrder.Descending }));
    }

    [Case]
    public async Task After_and_before_limit_a_page_of_sessions()
    {
        foreach (var i in new[] { 3, 1, 5, 2, 4 }) await CreateAsync(Record($"s{i}", i));
        var up = new SessionQuery { Tenant = "default", Limit = 2 };
        var down = up with { Order = ListOrder.Descending };

        await AssertSessionsAsync("s1 s2", true, up);
        await AssertSessionsAsync("s3 s4", true, up with { After = "s2" });
        await AssertSessionsAsync("s5", false, up with { After = "s4" });
        await AssertSessionsAsync("", false, up with { After = "s5" });
        await AssertSessionsAsync("s3 s2", true, down with { After = "s4" });
        await AssertSessionsAsync("s2 s1", false, down with { After = "s3" });
        await AssertSessionsAsync("s2 s3", true, up with { Before = "s4" });
        await AssertSessionsAsync("s1 s2", false, up with { Before = "s3" });
        await AssertSessionsAsync("s4 s3", true, down with { Before = "s2" });
        await AssertSessionsAsync("s2 s3", false, up with { After = "s1", Before = "s4" });
        await AssertSessionsAsync("", false, up with { After = "unknown" });
        await AssertSessionsAsync("", false, down with { Before = "unknown" });
    }

    [Case]
    public async Task Idle_sessions_of_all_tenants_are_returned_only_on_request()
    {
        await CreateAsync(Record("old"));
        await CreateAsync(Record("new", 60));
        await CreateAsync(Record(new SessionKey("other", "older"), -60));
        await UpdateAsync(Record("old", 0));
        await CreateAsync(Record("idle", 1));
        var query = new SessionQuery { Tenant = "default", IdleSince = Start.AddSeconds(60) };

        Expect.Equal("idle", await SessionIdsAsync(query));
        Expect.Equal("older idle", await SessionIdsAsync(query with { AllTenants = true }));
        Expect.Equal("older old idle new", await SessionIdsAsync(new SessionQuery { Tenant = "default", AllTenants = true }));
        await ReopenAsync();
        Expect.Equal("older idle", await SessionIdsAsync(query with { AllTenants = true }));
        await AssertSessionsAsync("older", true, query with { AllTenants = true, Limit = 1 });
    }

    [Case]
    public async Task Sessions_are_counted_by_tenant()
    {
        Expect.Equal(0, await Store.CountSessionsAsync("default", None));
        foreach (var id in new[] { "a", "b", "c" }) await CreateAsync(Record(id));
        await CreateAsync(Record(new SessionKey("other", "a")));
        await UpdateAsync(Record("a"));
        await Store.DeleteAsync(Key with { Id = "b" }, None);
        await ReopenAsync();

        Expect.Equal(2, await Store.CountSessionsAsync("default", None));
        Expect.Equal(1, await Store.CountSessionsAsync("other", None));
        Expect.Equal(0, await Store.CountSessionsAsync("unknown", None));
    }

    [Case]
    public async Task Idle_sessions_are_sorted_by_last_save()
    {
        await CreateAsync(Record("used"));
        await CreateAsync(Record("a", 10));
        await CreateAsync(Record(new SessionKey("other", "b"), 20));
        await UpdateAsync(Record("used"));
        var query = new SessionQuery { Tenant = "default", IdleSince = Start.AddSeconds(61), AllTenants = true };

        // First, because a list from the oldest may put an index right.
        await AssertSessionsAsync("used", true, query with { Order = ListOrder.Descending, Limit = 1 });
        await AssertSessionsAsync("a b used", false, query);
        await AssertSessionsAsync("a b", true, query with { Limit = 2 });
        await AssertSessionsAsync("used", false, query with { Tenant = "other", After = "b" });
        await AssertSessionsAsync("a", false, query with { Tenant = "other", Before = "b" });
        await AssertSessionsAsync("used b a", false, query with { Order = ListOrder.Descending });
        await AssertSessionsAsync("a used", false, query with { AllTenants = false });
        await AssertSessionsAsync("a b", false, query with { IdleSince = Start.AddSeconds(60) });
        await AssertSessionsAsync("", false, query with { IdleSince = Start.AddSeconds(60), After = "used" });
        await AssertSessionsAsync("", false, query with { After = "unknown" });
    }

    [Case]
    public async Task Runs_are_listed_by_first_save_and_a_later_attempt_keeps_its_position()
    {
        var record = Record(Key);
        await CreateAsync(record, Run("r2"));
        record = await UpdateAsync(record, Run("r1") with { Status = RunStatus.Failed, Error = new RunError { Type = "model_error", Message = "no" }, CreatedAt = Start.AddYears(-1) });
        record = await UpdateAsync(record, Run("r3"));
        record = await UpdateAsync(record);
        await UpdateAsync(record, Run("r1") with { Attempt = 2 });
        await ReopenAsync();

        var runs = (await Store.FindRunsAsync(QueryRuns(Key), None)).Items;

        Expect.Equal("r2 r1 r3", string.Join(' ', runs.Select(r => r.Id)));
        JsonAssert.Equivalent(Run("r1") with { Attempt = 2 }, runs[1]);
        Expect.Equal("r3 r1 r2", await RunIdsAsync(QueryRuns(Key) with { Order = ListOrder.Descending }));
    }

    [Case]
    public async Task After_and_before_limit_a_page_of_runs()
    {
        var record = Record(Key);
        await CreateAsync(record);
        for (var i = 1; i <= 5; i++) record = await UpdateAsync(record, Run($"r{i}"));
        var up = QueryRuns(Key) with { Limit = 2 };
        var down = up with { Order = ListOrder.Descending };

        await AssertRunsAsync("r1 r2", true, up);
        await AssertRunsAsync("r3 r4", true, up with { After = "r2" });
        await AssertRunsAsync("r5", false, up with { After = "r4" });
        await AssertRunsAsync("r5 r4", true, down);
        await AssertRunsAsync("r2 r1", false, down with { After = "r3" });
        await AssertRunsAsync("r2 r3", true, up with { Before = "r4" });
        await AssertRunsAsync("r1 r2", false, up with { Before = "r3" });
        await AssertRunsAsync("r4 r3", true, down with { Before = "r2" });
        await AssertRunsAsync("", false, up with { After = "unknown" });
        await AssertRunsAsync("", false, up with { Before = "unknown" });
    }

    [Case]
    public async Task A_page_of_runs_ends_behind_the_run_that_exceeds_its_bytes()
    {
        var record = Record(Key);
        await CreateAsync(record);
        for (var i = 1; i <= 6; i++)
            record = await UpdateAsync(record, Run($"r{i}") with { Output = [new ChatMessage(ChatRole.Assistant, new string('x', 10_000))] });
        var up = QueryRuns(Key) with { MaxBytes = 15_000 };
        var down = up with { Order = ListOrder.Descending };

        await AssertRunsAsync("r1", true, up with { MaxBytes = 1 });
        await AssertRunsAsync("r1 r2", true, up);
        await AssertRunsAsync("r5 r6", false, up with { After = "r4" });
        await AssertRunsAsync("r6 r5", true, down);
        await AssertRunsAsync("r4 r5", true, up with { Before = "r6" });
        await AssertRunsAsync("r3 r2", true, down with { Before = "r1" });
    }

    [Case]
    public async Task A_run_is_found_by_its_id_and_by_its_idempotency_key()
    {
        var other = new SessionKey("other", "s1");
        await CreateAsync(Record(Key), Run("r1") with { IdempotencyKey = "k1" });
        await CreateAsync(Record("s2"), Run("r2", Key with { Id = "s2" }) with { IdempotencyKey = "k2" });
        await CreateAsync(Record(other), Run("r3", other) with { IdempotencyKey = "k1" });
        await UpdateAsync(Record("s2"), Run("r2", Key with { Id = "s2" }) with { IdempotencyKey = "k2", Attempt = 2 });
        await ReopenAsync();

        Expect.Equal("r1", await RunIdsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k1" }));
        Expect.Equal("r3", await RunIdsAsync(new RunQuery { Tenant = "other", IdempotencyKey = "k1" }));
        Expect.Equal("r2", await RunIdsAsync(new RunQuery { Tenant = "default", RunId = "r2" }));
        Expect.Equal(2, Expect.Single((await Store.FindRunsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k2" }, None)).Items).Attempt);
        Expect.Equal("", await RunIdsAsync(new RunQuery { Tenant = "other", RunId = "r2" }));
        Expect.Equal("r1", await RunIdsAsync(QueryRuns(Key) with { RunId = "r1" }));
        Expect.Equal("", await RunIdsAsync(QueryRuns(Key) with { RunId = "r2" }));
        Expect.Equal("", await RunIdsAsync(QueryRuns(Key) with { IdempotencyKey = "k2" }));
        Expect.Equal("", await RunIdsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "K1" }));
    }

    private async Task AssertSessionsAsync(string ids, bool hasMore, SessionQuery query)
    {
        var page = await Store.FindSessionsAsync(query, None);
        Expect.Equal((ids, hasMore), (string.Join(' ', page.Items.Select(s => s.Key.Id)), page.HasMore));
    }

    private async Task AssertRunsAsync(string ids, bool hasMore, RunQuery query)
    {
        var page = await Store.FindRunsAsync(query, None);
        Expect.Equal((ids, hasMore), (string.Join(' ', page.Items.Select(r => r.Id)), page.HasMore));
    }
}
