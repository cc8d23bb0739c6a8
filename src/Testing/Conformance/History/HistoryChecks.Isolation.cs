using PluginHost.Sdk.Testing.Conformance.Checks;

namespace PluginHost.Sdk.Testing.Conformance.History;

internal sealed partial class HistoryChecks
{
    [Case]
    public async Task Tenants_with_the_same_session_id_are_separate()
    {
        SessionKey[] keys = [new("a", "b"), new("A", "b"), new("a", "B"), new("ab", "c"), new("a", "bc"), new("a/b", "c"), new("a", "b/c"), new("a\0b", "c"), new("a", "\0bc")];
        foreach (var (key, i) in keys.Select((k, i) => (k, i))) await AppendAsync(Run($"r{i}", key));

        Expect.Equal(2, await Provider.DeleteAsync(new HistoryDeletion { Session = keys[0] }, None));

        Expect.Empty(await ListAsync(keys[0]));
        for (var i = 1; i < keys.Length; i++) Expect.Equal($"r{i}.in r{i}.out", await IdsAsync(keys[i]));
    }

    [Case]
    public async Task Hostile_ids_are_treated_as_plain_ids()
    {
        var ids = HostileIds.All;
        for (var i = 0; i < ids.Count; i++) await AppendAsync(Run(ids[i], new SessionKey(ids[^(i + 1)], ids[i])));
        await ReopenAsync();

        for (var i = 0; i < ids.Count; i++)
        {
            var key = new SessionKey(ids[^(i + 1)], ids[i]);
            Expect.Equal([$"{ids[i]}.in", $"{ids[i]}.out"], (await ListAsync(key)).Select(m => m.Id));
            var page = await Provider.LoadAsync(new HistoryQuery { Session = key, Limit = 5, After = $"{ids[i]}.in", UpToRun = ids[i] }, None);
            Expect.Equal($"{ids[i]}.out", Expect.Single(page.Items).Id);
            Expect.Equal(2, await Provider.DeleteAsync(new HistoryDeletion { Session = key, MessageIds = [$"{ids[i]}.in", $"{ids[i]}.out"] }, None));
            Expect.Equal(0, await Provider.DeleteAsync(new HistoryDeletion { Session = key }, None));
        }

        Expect.Empty(Folder.FindEscapedEntries());
    }

    [Case]
    public async Task Concurrent_sessions_keep_their_order()
    {
        const int sessions = 32, runs = 8;
        await Task.WhenAll(Enumerable.Range(0, sessions).Select(s => Task.Run(async () =>
        {
            for (var r = 0; r < runs; r++)
            {
                var key = new SessionKey("default", $"s{s}");
                await AppendAsync(Run($"r{s}-{r}", key));
                Expect.Equal(2 * (r + 1), (await Provider.LoadAsync(QueryNewest(key, 50), None)).Items.Count);
            }
        })));
        await ReopenAsync();

        for (var s = 0; s < sessions; s++)
        {
            var expected = string.Join(' ', Enumerable.Range(0, runs).Select(r => $"r{s}-{r}.in r{s}-{r}.out"));
            Expect.Equal(expected, await IdsAsync(new SessionKey("default", $"s{s}")));
        }
    }

    [Case]
    public async Task A_read_during_an_append_returns_all_of_its_messages_or_none()
    {
        const int runs = 60;
        var writing = Task.Run(async () =>
        {
            for (var r = 0; r < runs; r++)
                await AppendAsync(Append(Session, $"r{r}", 1, RunOutcome.Completed, [.. Enumerable.Range(0, 3).Select(n => Text($"{r}.{n}", ChatRole.User))]));
        });

        var seen = 0;
        bool last;
        do
        {
            last = writing.IsCompleted;
            var ids = (await ListAsync(Session)).Select(m => m.Id).ToList();
            Expect.Equal(Enumerable.Range(0, ids.Count).Select(i => $"{i / 3}.{i % 3}"), ids);
            Expect.Equal(0, ids.Count % 3);
            Expect.InRange(ids.Count, seen, 3 * runs);
            seen = ids.Count;
        }
        while (!last);

        await writing;
        Expect.Equal(3 * runs, seen);
    }

    [Case]
    public async Task Concurrent_duplicate_appends_are_stored_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => AppendAsync(Run("r1")).AsTask())));

        Expect.Equal("r1.in r1.out", await IdsAsync(Session));
    }
}
