using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.Sessions;

internal sealed partial class SessionStoreChecks
{
    [Case]
    public async Task A_search_finds_runs_of_all_sessions_newest_first_also_after_a_restart()
    {
        if (!await CanSearchAsync()) return;
        var other = new SessionKey("other", "s1");
        await SaveRunsAsync(Key, Run("r1"), Run("r4") with { CreatedAt = Start.AddSeconds(4) });
        await SaveRunsAsync(Key with { Id = "s2" }, Run("r2", Key with { Id = "s2" }) with { CreatedAt = Start.AddSeconds(2) });
        await SaveRunsAsync(other, Run("r3", other) with { CreatedAt = Start.AddSeconds(3) });
        for (var i = 0; i < 2; i++)
        {
            Expect.Equal("r4 r2 r1", await SearchAsync(new RunSearch { Tenant = "default" }));
            Expect.Equal("r4 r3 r2 r1", await SearchAsync(new RunSearch()));
            Expect.Equal("r3", await SearchAsync(new RunSearch { Tenant = "other" }));
            Expect.Equal("r2", await SearchAsync(new RunSearch { Tenant = "default", SessionId = "s2" }));
            Expect.Equal("r2", await SearchAsync(new RunSearch { Tenant = "default", Since = Start.AddSeconds(2), Until = Start.AddSeconds(4) }));
            Expect.Equal("", await SearchAsync(new RunSearch { Tenant = "unknown" }));
            await ReopenAsync();
        }

        var found = (await Store.SearchRunsAsync(new RunSearch { Tenant = "default", Limit = 1 }, None))!;
        Expect.Equal(("assistant", Start.AddSeconds(4), 0), (found.Runs[0].Agent, found.Runs[0].CreatedAt, found.Runs[0].Output.Count));
    }

    [Case]
    public async Task A_search_finds_what_failed_was_skipped_or_has_a_trace()
    {
        if (!await CanSearchAsync()) return;
        var failed = Run("r2") with { Status = RunStatus.Failed, Error = new RunError { Type = "model_error", Message = "no" }, Output = [] };
        var skipped = Run("r3") with { Skipped = ["memory"], Failures = [new PluginFailure { Plugin = "memory", Type = "plugin_timeout", Message = "late" }] };
        await SaveRunsAsync(Key, Run("r1") with { TraceId = new string('a', 32) }, failed, skipped, Run("r4") with { Agent = "writer", Status = RunStatus.Cancelled });
        for (var i = 0; i < 2; i++)
        {
            Expect.Equal("r3 r2", await SearchAsync(new RunSearch { Tenant = "default", OnlyTrouble = true }));
            Expect.Equal("r2", await SearchAsync(new RunSearch { Tenant = "default", Status = RunStatus.Failed }));
            Expect.Equal("r4", await SearchAsync(new RunSearch { Tenant = "default", Status = RunStatus.Cancelled }));
            Expect.Equal("r2", await SearchAsync(new RunSearch { Tenant = "default", ErrorType = "model_error" }));
            Expect.Equal("", await SearchAsync(new RunSearch { Tenant = "default", ErrorType = "model_error", Agent = "writer" }));
            Expect.Equal("r3", await SearchAsync(new RunSearch { Tenant = "default", Skipped = "memory" }));
            Expect.Equal("r1", await SearchAsync(new RunSearch { Tenant = "default", TraceId = new string('a', 32) }));
            Expect.Equal("r4", await SearchAsync(new RunSearch { Agent = "writer" }));
            await ReopenAsync();
        }
    }

    [Case]
    public async Task Pages_of_a_search_have_each_run_once_and_a_bounded_cost()
    {
        if (!await CanSearchAsync()) return;
        // Two runs of the same time, and two of the same id and time in different sessions.
        await SaveRunsAsync(Key, Run("r1"), Run("r2"), Run("r3") with { CreatedAt = Start.AddSeconds(1) });
        await SaveRunsAsync(Key with { Id = "s2" }, Run("r2", Key with { Id = "s2" }), Run("r0", Key with { Id = "s2" }) with { CreatedAt = Start.AddSeconds(-1) });
        foreach (var search in new[] { new RunSearch { Tenant = "default", Limit = 1 }, new RunSearch { Tenant = "default", MaxExamined = 1 } })
        {
            var (all, after) = (new List<string>(), default(RunPlace));
            do
            {
                var page = (await Store.SearchRunsAsync(search with { After = after }, None))!;
                Expect.InRange(page.Runs.Count, 0, 2);
                all.AddRange(page.Runs.Select(r => $"{r.Session.Id}/{r.Id}"));
                after = page.Next;
            }
            while (after is not null && all.Count < 20);
            Expect.Equal(["r3", "r2", "r2", "r1", "r0"], all.Select(r => r.Split('/')[1]));
            Expect.Equal(5, all.Distinct().Count());
        }

        var nothing = (await Store.SearchRunsAsync(new RunSearch { Tenant = "default", Agent = "unknown", MaxExamined = 1 }, None))!;
        Expect.Empty(nothing.Runs);
        Expect.Equal("r3", nothing.Next!.RunId);
        // The place of another tenant's run has no id.
        var foreign = (await Store.SearchRunsAsync(new RunSearch { Tenant = "other", MaxExamined = 1 }, None))!;
        Expect.Empty(foreign.Runs);
        Expect.Equal("", foreign.Next?.RunId ?? "");
    }

    [Case]
    public async Task A_search_shows_the_last_attempt_of_a_run_and_nothing_that_was_deleted()
    {
        if (!await CanSearchAsync()) return;
        var failed = Run("r1") with { Status = RunStatus.Failed, Error = new RunError { Type = "model_error", Message = "no" }, Output = [] };
        await CreateAsync(Record(Key), failed);
        var record = await UpdateAsync(Record(Key), Run("r1") with { Attempt = 2, CreatedAt = Start.AddSeconds(5) });
        await SaveRunsAsync(Key with { Id = "s2" }, Run("r2", Key with { Id = "s2" }) with { CreatedAt = Start.AddSeconds(2) }, Run("r3", Key with { Id = "s2" }));

        Expect.Equal("r1 r2 r3", await SearchAsync(new RunSearch { Tenant = "default" }));
        Expect.Equal("", await SearchAsync(new RunSearch { Tenant = "default", OnlyTrouble = true }));
        await Store.DeleteAsync(Key with { Id = "s2" }, None);
        Expect.Equal("r1", await SearchAsync(new RunSearch { Tenant = "default" }));
        var next = record with { Version = record.Version + 1 };
        await Store.SaveAsync(new SessionSave { Session = next, ExpectedVersion = record.Version, RemovedRun = "r1" }, None);
        Expect.Equal("", await SearchAsync(new RunSearch { Tenant = "default" }));
        await ReopenAsync();
        Expect.Equal("", await SearchAsync(new RunSearch { Tenant = "default" }));
    }

    /// <summary>Whether the store searches at all: it may answer null.</summary>
    private async Task<bool> CanSearchAsync() => await Store.SearchRunsAsync(new RunSearch { Limit = 1 }, None) is not null;

    private async Task SaveRunsAsync(SessionKey session, params RunRecord[] runs)
    {
        var record = Record(session);
        await CreateAsync(record, runs[0]);
        foreach (var run in runs.Skip(1)) record = await UpdateAsync(record, run);
    }

    private async Task<string> SearchAsync(RunSearch search) =>
        string.Join(' ', (await Store.SearchRunsAsync(search, None))!.Runs.Select(r => r.Id));
}
