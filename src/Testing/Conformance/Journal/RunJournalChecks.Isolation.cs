using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.Journal;

internal sealed partial class RunJournalChecks
{
    [Case]
    public async Task Hostile_ids_are_treated_as_plain_ids()
    {
        var ids = HostileIds.All;
        for (var i = 0; i < ids.Count; i++)
        {
            var key = new SessionKey(ids[^(i + 1)], ids[i]);
            await Journal.WriteAsync(First(Open(ids[i], i, key) with { IdempotencyKey = ids[i] }, $"{i}") with { NewSession = Session(key) }, None);
            await OpenAsync(Open(ids[^(i + 1)] + "2", i, key), "1");
        }

        await ReopenAsync();

        Expect.Equal(2 * ids.Count, (await Journal.FindOpenRunsAsync(new OpenRunQuery { Limit = 1000 }, None)).Items.Count);
        for (var i = 0; i < ids.Count; i++)
        {
            var key = new SessionKey(ids[^(i + 1)], ids[i]);
            var run = Expect.Single((await Store.FindRunsAsync(new RunQuery { Tenant = key.Tenant, IdempotencyKey = ids[i] }, None)).Items);
            Expect.Equal((ids[i], key), (run.Id, run.Session));
            Expect.Equal($"0={i}", await StepsAsync(ids[i], session: key));
            await EndAsync(run);
            Expect.Equal("", await StepsAsync(ids[i], session: key));
            Expect.Equal("0=1", await StepsAsync(ids[^(i + 1)] + "2", session: key));
            await Store.DeleteAsync(key, None);
        }

        Expect.Equal("", await OpenRunsAsync());
        Expect.Empty(Folder.FindEscapedEntries());
    }

    [Case]
    public async Task Tenants_and_sessions_with_the_same_ids_are_separate()
    {
        SessionKey[] keys = [Key, Key with { Tenant = "DEFAULT" }, Key with { Id = "S1" }];
        for (var i = 0; i < keys.Length; i++)
        {
            await CreateAsync(keys[i]);
            await OpenAsync(Open("r1", i, keys[i]), $"{i}");
        }

        await EndAsync(Open("r1", 0, keys[0]));
        await Store.DeleteAsync(keys[2], None);
        await ReopenAsync();

        Expect.Equal(("", "0=1", ""), (await StepsAsync("r1"), await StepsAsync("r1", session: keys[1]), await StepsAsync("r1", session: keys[2])));
        Expect.Equal(keys[1], Expect.Single((await Journal.FindOpenRunsAsync(new OpenRunQuery(), None)).Items).Session);
        Expect.Equal(RunStatus.Completed, (await FindRunAsync("r1"))!.Status);
    }

    [Case]
    public async Task Concurrent_runs_lose_no_write()
    {
        const int sessions = 16, runs = 3, steps = 4;
        var keys = Enumerable.Range(0, sessions).Select(s => Key with { Id = $"s{s}" }).ToList();
        await Task.WhenAll(keys.Select(key => CreateAsync(key).AsTask()));
        await Task.WhenAll(keys.SelectMany(key => Enumerable.Range(0, runs).Select(r => Task.Run(async () =>
        {
            var run = await OpenAsync(Open($"{key.Id}-{r}", r, key));
            for (var step = 0; step < steps; step++) await Journal.WriteAsync(Next(run, step, $"{step}"), None);
        }))));
        await Task.WhenAll(keys.Select(key => Task.Run(() => EndAsync(Open($"{key.Id}-0", 0, key)))));
        await ReopenAsync();

        Expect.Equal(sessions * (runs - 1), (await Journal.FindOpenRunsAsync(new OpenRunQuery { Limit = 1000 }, None)).Items.Count);
        foreach (var key in keys)
        {
            Expect.Equal("", await StepsAsync($"{key.Id}-0", session: key));
            for (var r = 1; r < runs; r++) Expect.Equal("0=0 1=1 2=2 3=3", await StepsAsync($"{key.Id}-{r}", session: key));
        }
    }

    [Case]
    public async Task Of_concurrent_first_writes_of_one_new_session_exactly_one_succeeds()
    {
        var succeeded = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
        {
            try
            {
                await Journal.WriteAsync(First(Open($"r{i}"), $"{i}") with { NewSession = Session() }, None);
                return i;
            }
            catch (SessionConflictException)
            {
                return -1;
            }
        })));
        await ReopenAsync();

        var first = Expect.Single(succeeded.Where(i => i >= 0));
        Expect.Equal($"r{first}:Running", await RunsAsync(All));
        Expect.Equal($"0={first}", await StepsAsync($"r{first}"));
    }
}
