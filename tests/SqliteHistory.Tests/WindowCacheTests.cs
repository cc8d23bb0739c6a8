using PluginHost.Shared.Caches;

namespace PluginHost.Sqlite.Tests;

public sealed class WindowCacheTests : StoreTestBase
{
    [Fact]
    public async Task An_active_session_is_read_from_disk_once()
    {
        var (history, sessions) = (History(), Sessions());
        SessionRecord? record = null;
        for (var i = 1; i <= 6; i++)
        {
            await LoadAsync(history, limit: 4);
            record = await FindAsync(sessions, Session);
            await sessions.SaveAsync(Save(Session, i, record, $"r{i}", new CoveredAppend { History = history, Append = Run($"r{i}") }), None);
        }

        Assert.Equal("r5.in r5.out r6.in r6.out", await LoadAsync(history, limit: 4));
        Assert.Equal("r6", (await FindAsync(sessions, Session))!.LastRunId);
        // One read of the window, and one of the session before its first save.
        Assert.Equal(2, history.Database.Readers.Reads);
    }

    [Fact]
    public async Task Entries_with_different_windows_on_one_history_get_their_lengths()
    {
        var (small, large) = (History(), History());
        for (var i = 1; i <= 5; i++)
        {
            await small.AppendAsync(Run($"r{i}"), None);
            Assert.Equal(Expected(i, 1), await LoadAsync(small, limit: 2));
            Assert.Equal(Expected(i, 3), await LoadAsync(large, limit: 6));
            Assert.Equal(Expected(i, 1), await LoadAsync(small, limit: 2));
        }

        static string Expected(int last, int runs) =>
            string.Join(' ', Enumerable.Range(Math.Max(1, last - runs + 1), Math.Min(last, runs)).Select(r => $"r{r}.in r{r}.out"));
    }

    [Fact]
    public async Task The_window_drops_replaced_and_deleted_messages()
    {
        var history = History();
        await history.AppendAsync(Run("r1"), None);
        await history.AppendAsync(Run("r2", outcome: RunOutcome.Cancelled), None);
        Assert.Equal("r1.in r1.out r2.in r2.out", await LoadAsync(history));

        await history.AppendAsync(Run("r2", attempt: 2), None);
        Assert.Equal("r1.in r1.out r2.in r2.out", await LoadAsync(history));
        Assert.All((await history.LoadAsync(new HistoryQuery { Session = Session, Limit = 50, Order = ListOrder.Descending }, None)).Items, m => Assert.Equal(RunOutcome.Completed, m.Outcome));

        await history.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["r1.out", "r2.out"] }, None);
        Assert.Equal("r1.in r2.in", await LoadAsync(history));
        await history.AppendAsync(Run("r3"), None);
        Assert.Equal("r1.in r2.in r3.in r3.out", await LoadAsync(history));

        await history.DeleteAsync(new HistoryDeletion { Session = Session }, None);
        Assert.Equal("", await LoadAsync(history));
    }

    [Fact]
    public async Task The_window_ignores_failed_runs_and_duplicate_appends()
    {
        var history = History();
        await history.AppendAsync(Run("r1"), None);
        await LoadAsync(history);

        await history.AppendAsync(Run("r2", outcome: RunOutcome.Failed), None);
        await history.AppendAsync(Run("r1"), None);

        Assert.Equal("r1.in r1.out", await LoadAsync(history));
    }

    [Fact]
    public async Task A_cached_message_equals_the_stored_message()
    {
        var (history, uncached) = (History(), History(cache: 0, name: "sqlite-history"));
        var result = new ChatMessage(ChatRole.Tool, [new FunctionResultContent("c1", new { answer = 42 })]) { RawRepresentation = new object() };
        var call = new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c1", "tool")]);
        await LoadAsync(history);
        await history.AppendAsync(
            new HistoryAppend
            {
                Session = Session,
                Messages =
                [
                    new() { Id = "m1", Origin = MessageOrigin.Output, Message = call },
                    new() { Id = "m2", Origin = MessageOrigin.Output, Message = result },
                ],
                RunId = "r1",
            },
            None);

        var cached = (await history.LoadAsync(new HistoryQuery { Session = Session, Limit = 50, Order = ListOrder.Descending }, None)).Items[0];
        var stored = (await uncached.LoadAsync(new HistoryQuery { Session = Session, Limit = 2 }, None)).Items[1];

        Assert.NotSame(result, cached.Message);
        Assert.Null(cached.Message.RawRepresentation);
        Assert.Equal(Result(stored), Result(cached));

        static string Result(HistoryMessage message) => Assert.IsType<FunctionResultContent>(message.Message.Contents[0]).Result!.ToString()!;
    }

    [Fact]
    public async Task The_cache_is_bounded_and_evicted_sessions_are_read_again()
    {
        var cache = new LruCache<int, Blob>();
        cache.RaiseCapacity(1000);
        for (var i = 0; i < 10; i++)
        {
            cache.AddIfUnchanged(i, new Blob(i, 300), cache.GetVersion(i));
            cache.Get(0);
        }

        Assert.Equal([0, 8, 9], Enumerable.Range(0, 10).Where(i => cache.Get(i) is not null));
        cache.AddIfUnchanged(10, new Blob(10, 2000), cache.GetVersion(10));
        Assert.Null(cache.Get(10));
        Assert.NotNull(cache.Get(9));

        var history = History(cache: 1);
        for (var s = 0; s < 40; s++)
        {
            var key = Session with { Id = $"s{s}" };
            await LoadAsync(history, key);
            await history.AppendAsync(Run("r1", key) with { Messages = [Message("large", ChatRole.User, new string('x', 50_000))] }, None);
        }

        for (var s = 0; s < 40; s++) Assert.Equal("large", await LoadAsync(history, Session with { Id = $"s{s}" }));
        Assert.InRange(history.Database.Readers.Reads, 60, 90);
    }

    [Fact]
    public void A_value_read_before_a_commit_is_not_cached_after_it()
    {
        var cache = new LruCache<int, Blob>();
        cache.RaiseCapacity(1000);
        var version = cache.GetVersion(1);
        cache.Update(1, static old => old);

        cache.AddIfUnchanged(1, new Blob(1, 10), version);

        Assert.Null(cache.Get(1));
    }

    [Fact]
    public void A_window_skips_committed_messages_that_it_already_holds()
    {
        var messages = Enumerable.Range(1, 4).Select(i => StoredMessage.From(Message($"m{i}", ChatRole.User), 0, i)).ToArray();
        var window = new Window(messages[..3], Depth: 3, HasOlder: false, []);

        var added = window.Add(messages[2..]);

        Assert.Equal(["m2", "m3", "m4"], added.Messages.Select(m => m.Value.Id));
        Assert.True(added.HasOlder);
    }

    private sealed record Blob(int Id, long Size) : ICacheValue;
}
