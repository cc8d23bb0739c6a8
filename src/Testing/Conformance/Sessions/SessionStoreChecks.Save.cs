using System.Text.Json;
using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.Sessions;

internal sealed partial class SessionStoreChecks
{
    [Case(64)]
    [Case(900)]
    public async Task Deeply_nested_json_is_returned_unchanged(int levels)
    {
        var json = JsonAssert.Nested(levels);
        var run = Run("r1") with { Output = [new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c", json)])], Details = json };
        await CreateAsync(Record("s1") with { State = new Dictionary<string, JsonElement> { ["p"] = json }, Extensions = new Dictionary<string, JsonElement> { ["x"] = json } }, run);
        await ReopenAsync();

        var record = (await FindAsync(Key))!;
        var stored = Expect.Single((await Store.FindRunsAsync(QueryRuns(Key), None)).Items);
        Expect.Equal(
            Enumerable.Repeat(json.GetRawText(), 4),
            [record.State["p"].GetRawText(), record.Extensions["x"].GetRawText(), stored.Details!.Value.GetRawText(), ((FunctionResultContent)stored.Output[0].Contents[0]).Result!.ToString()]);
        Expect.Equal(2, await Store.DeleteAsync(Key, None));
    }

    [Case]
    public async Task A_copy_of_a_session_has_the_version_of_its_source()
    {
        foreach (var version in (long[])[1, 7])
        {
            var first = Record($"s{version}") with { Version = version, State = new Dictionary<string, JsonElement> { ["mark"] = JsonElement.Parse("true") } };
            await CreateAsync(first);
            var next = first with { Version = version == 1 ? 1 : version + 1, State = Record("s1").State };
            await Store.SaveAsync(new SessionSave { Session = next, ExpectedVersion = version, Previous = first, Run = Run($"r{version}", first.Key) }, None);
            await ReopenAsync();
            JsonAssert.Equivalent(next, await FindAsync(first.Key));
        }
    }

    [Case]
    public async Task Unknown_sessions_and_runs_are_not_found()
    {
        Expect.Null(await FindAsync(Key));
        Expect.Empty((await Store.FindSessionsAsync(new SessionQuery { Tenant = "default" }, None)).Items);
        Expect.Empty((await Store.FindRunsAsync(QueryRuns(Key), None)).Items);
        Expect.Empty((await Store.FindRunsAsync(new RunQuery { Tenant = "default", RunId = "r1" }, None)).Items);
        Expect.Empty((await Store.FindRunsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k" }, None)).Items);
        Expect.Equal(0, await Store.DeleteAsync(Key, None));
    }

    [Case]
    public async Task Every_member_of_a_session_and_of_a_run_is_returned()
    {
        var record = FullRecord(Key);
        var run = FullRun(Key);
        await CreateAsync(record, run);
        await CreateAsync(Record("plain"), Run("plain", Key with { Id = "plain" }));
        await ReopenAsync();

        JsonAssert.Equivalent(record, await FindAsync(Key));
        JsonAssert.Equivalent(run, Expect.Single((await Store.FindRunsAsync(QueryRuns(Key), None)).Items));
        JsonAssert.Equivalent(Record("plain"), await FindAsync(Key with { Id = "plain" }));
        JsonAssert.Equivalent(Run("plain", Key with { Id = "plain" }), Expect.Single((await Store.FindRunsAsync(QueryRuns(Key with { Id = "plain" }), None)).Items));
    }

    [Case]
    public async Task Members_of_a_later_version_survive_a_change()
    {
        var record = SessionRecord.FromDocument(JsonAssert.AddMember(FullRecord(Key).ToDocument()));
        var run = RunRecord.FromDocument(JsonAssert.AddMember(FullRun(Key).ToDocument()));
        await CreateAsync(record, run);
        await ReopenAsync();

        var loaded = (await FindAsync(Key))!;
        JsonAssert.Equivalent(record.ToDocument(), loaded.ToDocument());
        JsonAssert.Equivalent(run.ToDocument(), Expect.Single((await Store.FindRunsAsync(QueryRuns(Key), None)).Items).ToDocument());
        var changed = await UpdateAsync(loaded);
        await ReopenAsync();
        JsonAssert.Equivalent(changed.ToDocument(), (await FindAsync(Key))!.ToDocument());
    }

    [Case]
    public async Task A_save_replaces_the_previous_version()
    {
        var full = FullRecord(Key);
        await CreateAsync(full);
        var cleared = Record(Key) with { Version = 2, UpdatedAt = Start.AddHours(1) };
        await Store.SaveAsync(new SessionSave { Session = cleared, ExpectedVersion = 1, Previous = full }, None);
        JsonAssert.Equivalent(cleared, await FindAsync(Key));

        var again = FullRecord(Key) with { Version = 3 };
        await Store.SaveAsync(new SessionSave { Session = again, ExpectedVersion = 2, Previous = cleared }, None);
        await ReopenAsync();

        JsonAssert.Equivalent(again, await FindAsync(Key));
    }

    [Case]
    public async Task A_save_of_an_older_version_is_a_conflict_and_changes_nothing()
    {
        var first = Record(Key);
        await CreateAsync(first);
        var second = await UpdateAsync(first);

        var conflict = await Expect.ThrowsAsync<SessionConflictException>(() => UpdateAsync(first, Run("r1")));

        Expect.Equal((Key, 1, 2), (conflict.Session, conflict.Expected, conflict.Found));
        JsonAssert.Equivalent(second, await FindAsync(Key));
        Expect.Equal("", await RunIdsAsync(QueryRuns(Key)));
    }

    [Case]
    public async Task Creating_an_existing_session_is_a_conflict_and_changes_nothing()
    {
        await CreateAsync(FullRecord(Key));

        var conflict = await Expect.ThrowsAsync<SessionConflictException>(() => CreateAsync(Record(Key), Run("r1")).AsTask());

        Expect.Equal((0, 1), (conflict.Expected, conflict.Found));
        JsonAssert.Equivalent(FullRecord(Key), await FindAsync(Key));
        Expect.Equal("", await RunIdsAsync(QueryRuns(Key)));
    }

    [Case]
    public async Task Saving_an_unknown_session_is_a_conflict_and_changes_nothing()
    {
        var conflict = await Expect.ThrowsAsync<SessionConflictException>(() => UpdateAsync(Record(Key), Run("r1")));

        Expect.Equal((1, 0), (conflict.Expected, conflict.Found));
        Expect.Null(await FindAsync(Key));
        Expect.Equal("", await RunIdsAsync(new RunQuery { Tenant = "default", RunId = "r1" }));
    }

    [Case]
    public async Task Deleting_a_session_removes_its_runs_and_its_id_can_be_used_again()
    {
        var record = Record(Key) with { Metadata = new Dictionary<string, string> { ["m"] = "secret-of-session" } };
        await CreateAsync(record, Run("r1") with { IdempotencyKey = "k1", RequestHash = "secret-of-session" });
        await UpdateAsync(record, Run("r2"));
        await CreateAsync(Record("other"), Run("r3", Key with { Id = "other" }));

        Expect.Equal(3, await Store.DeleteAsync(Key, None));

        Expect.False(HoldsContent("secret-of-session"));
        Expect.False(HoldsContent("answer of r2"));
        Expect.Equal(0, await Store.DeleteAsync(Key, None));
        await ReopenAsync();
        Expect.Null(await FindAsync(Key));
        Expect.Equal("", await RunIdsAsync(QueryRuns(Key)));
        Expect.Equal("", await RunIdsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k1" }));
        Expect.Equal("", await RunIdsAsync(new RunQuery { Tenant = "default", RunId = "r2" }));
        Expect.Equal("r3", await RunIdsAsync(QueryRuns(Key with { Id = "other" })));
        await CreateAsync(Record(Key), Run("r4"));
        Expect.Equal("r4", await RunIdsAsync(QueryRuns(Key)));
    }

    [Case]
    public async Task A_run_takes_over_the_idempotency_key_of_another_run()
    {
        var first = Record("a");
        await CreateAsync(first, Run("r1", first.Key) with { IdempotencyKey = "k" });
        await CreateAsync(Record("b"), Run("r2", Key with { Id = "b" }) with { IdempotencyKey = "k", CreatedAt = Start.AddDays(2) });
        Expect.Equal("r2", await RunIdsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k", Limit = 1 }));

        await UpdateAsync(first, Run("r3", first.Key) with { IdempotencyKey = "k", CreatedAt = Start.AddDays(4) });
        Expect.Equal("r3", await RunIdsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k", Limit = 1 }));
        await ReopenAsync();

        Expect.Equal("r3", await RunIdsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k", Limit = 1 }));
        await Store.DeleteAsync(Key with { Id = "b" }, None);
        Expect.Equal("r3", await RunIdsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k", Limit = 1 }));
        Expect.Equal("r1 r3", await RunIdsAsync(QueryRuns(first.Key)));
    }

    [Case]
    public async Task No_byte_of_a_removed_run_remains_and_other_runs_are_kept()
    {
        var record = Record(Key);
        await CreateAsync(record, Run("r1"));
        record = await UpdateAsync(record, Run("r2") with { IdempotencyKey = "k2", Details = JsonElement.Parse("""{"a":"secret-of-run"}""") });
        record = await UpdateAsync(record, Run("r2") with { IdempotencyKey = "k2", Attempt = 2, Details = JsonElement.Parse("""{"a":"secret-of-run"}""") });
        record = await UpdateAsync(record, Run("r3"));

        var next = record with { Version = record.Version + 1, LastRunId = "r1" };
        await Store.SaveAsync(new SessionSave { Session = next, ExpectedVersion = record.Version, Previous = record, RemovedRun = "r2" }, None);

        Expect.False(HoldsContent("secret-of-run"));
        Expect.False(HoldsContent("answer of r2"));
        await CheckAsync();
        await ReopenAsync();
        await CheckAsync();
        await Store.SaveAsync(new SessionSave { Session = next with { Version = next.Version + 1 }, ExpectedVersion = next.Version, Previous = next, RemovedRun = "r2", Run = Run("r4") }, None);
        Expect.Equal("r1 r3 r4", await RunIdsAsync(QueryRuns(Key)));

        async Task CheckAsync()
        {
            Expect.Equal("r1 r3", await RunIdsAsync(QueryRuns(Key)));
            Expect.Equal("", await RunIdsAsync(QueryRuns(Key) with { RunId = "r2" }));
            Expect.Equal("", await RunIdsAsync(new RunQuery { Tenant = "default", RunId = "r2" }));
            Expect.Equal("", await RunIdsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k2" }));
            JsonAssert.Equivalent(next, await FindAsync(Key));
        }
    }

    [Case]
    public async Task A_cancelled_save_stores_everything_or_nothing()
    {
        var stored = true;
        try
        {
            await Store.SaveAsync(new SessionSave { Session = Record(Key), ExpectedVersion = 0, Run = Run("r1") }, new CancellationToken(canceled: true));
        }
        catch (OperationCanceledException)
        {
            stored = false;
        }

        Expect.Equal(stored, await FindAsync(Key) is not null);
        Expect.Equal(stored ? "r1" : "", await RunIdsAsync(QueryRuns(Key)));
    }
}
