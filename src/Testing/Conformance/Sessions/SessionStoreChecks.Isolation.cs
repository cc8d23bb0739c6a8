using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.Sessions;

internal sealed partial class SessionStoreChecks
{
    [Case]
    public async Task Hostile_ids_are_treated_as_plain_ids()
    {
        var ids = HostileIds.All;
        for (var i = 0; i < ids.Count; i++)
        {
            var key = new SessionKey(ids[^(i + 1)], ids[i]);
            await CreateAsync(Record(key), Run(ids[i], key) with { IdempotencyKey = ids[i] });
        }

        await ReopenAsync();

        for (var i = 0; i < ids.Count; i++)
        {
            var key = new SessionKey(ids[^(i + 1)], ids[i]);
            JsonAssert.Equivalent(Record(key), await FindAsync(key));
            var run = Expect.Single((await Store.FindRunsAsync(new RunQuery { Tenant = key.Tenant, IdempotencyKey = ids[i] }, None)).Items);
            Expect.Equal((ids[i], key), (run.Id, run.Session));
            Expect.Equal(2, await Store.DeleteAsync(key, None));
            Expect.Null(await FindAsync(key));
        }

        Expect.Empty(Folder.FindEscapedEntries());
    }

    [Case]
    public async Task Tenants_with_the_same_ids_are_separate()
    {
        var other = Key with { Tenant = "DEFAULT" };
        await CreateAsync(Record(Key), Run("r1"));
        await CreateAsync(Record(other, 7), Run("r1", other) with { Attempt = 5 });

        Expect.Equal(5, Expect.Single((await Store.FindRunsAsync(QueryRuns(other), None)).Items).Attempt);
        Expect.Equal("s1", await SessionIdsAsync(new SessionQuery { Tenant = "default" }));
        Expect.Equal(2, await Store.DeleteAsync(Key, None));
        JsonAssert.Equivalent(Record(other, 7), await FindAsync(other));
        Expect.Equal("r1", await RunIdsAsync(QueryRuns(other)));
    }

    [Case]
    public async Task Concurrent_sessions_lose_no_save()
    {
        const int sessions = 32, runs = 6;
        await Task.WhenAll(Enumerable.Range(0, sessions).Select(s => Task.Run(async () =>
        {
            var key = Key with { Id = $"s{s}" };
            var record = Record(key, s);
            await CreateAsync(record);
            for (var r = 0; r < runs; r++) record = await UpdateAsync(record, Run($"r{s}-{r}", key));
        })));
        await ReopenAsync();

        for (var s = 0; s < sessions; s++)
        {
            var key = Key with { Id = $"s{s}" };
            Expect.Equal(runs + 1, (await FindAsync(key))!.Version);
            Expect.Equal(string.Join(' ', Enumerable.Range(0, runs).Select(r => $"r{s}-{r}")), await RunIdsAsync(QueryRuns(key)));
        }
    }

    [Case]
    public async Task Of_concurrent_saves_of_one_version_exactly_one_succeeds()
    {
        var record = Record(Key);
        await CreateAsync(record);

        var succeeded = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
        {
            try
            {
                await UpdateAsync(record, Run($"r{i}"));
                return true;
            }
            catch (SessionConflictException)
            {
                return false;
            }
        })));

        Expect.Single(succeeded.Where(s => s));
        Expect.Equal(2, (await FindAsync(Key))!.Version);
        Expect.Single((await Store.FindRunsAsync(QueryRuns(Key), None)).Items);
    }
}
