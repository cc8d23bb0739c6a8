using PluginHost.Files.Storage;

namespace PluginHost.Files.Tests;

/// <summary>What the store keeps in memory of the sessions that were used last.</summary>
public sealed class WindowTests : FileTestBase
{
    [Fact]
    public async Task A_window_that_was_loaded_is_not_read_again_and_has_what_is_appended()
    {
        var history = OpenHistory();
        for (var i = 1; i <= 3; i++) await history.AppendAsync(Append($"r{i}"), None);
        Assert.Equal("r2.in r2.out r3.in r3.out", await WindowAsync(history));
        // The same number of lines and bytes, and nothing that can be read.
        await File.WriteAllBytesAsync(HistoryFile(), [.. (await File.ReadAllBytesAsync(HistoryFile())).Select(b => b == '\n' ? b : (byte)'?')]);

        Assert.Equal("r2.in r2.out r3.in r3.out", await WindowAsync(history));
        await history.AppendAsync(Append("failed") with { Outcome = RunOutcome.Failed }, None);
        await history.AppendAsync(Append("r4"), None);
        Assert.Equal("r3.in r3.out r4.in r4.out", await WindowAsync(history));
        Assert.Equal("r4.out", await WindowAsync(history, limit: 1));
        Assert.Equal("r4.in r4.out", await WindowAsync(history, limit: 5));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_changes_a_window_in_the_middle_is_read_from_the_file(bool deletes)
    {
        var history = OpenHistory();
        await history.AppendAsync(Append("r1"), None);
        await history.AppendAsync(Append("r2") with { Outcome = RunOutcome.Cancelled }, None);
        Assert.Equal("r1.in r1.out r2.in r2.out", await WindowAsync(history));

        if (deletes) await history.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["r1.out", "r2.in", "r2.out"] }, None);
        else await history.AppendAsync(Append("r2") with { Attempt = 2, Messages = [Append("r2").Messages[0] with { Id = "again" }] }, None);

        Assert.Equal(deletes ? "r1.in" : "r1.in r1.out again", await WindowAsync(history));
    }

    [Fact]
    public async Task A_record_that_was_read_or_saved_is_not_read_again()
    {
        var sessions = OpenSessions();
        await sessions.SaveAsync(Save(1), None);
        await File.WriteAllTextAsync(SessionFile(), "{ broken");

        Assert.Equal(1, await VersionAsync(sessions));
        await sessions.SaveAsync(Save(2), None);
        Assert.Equal(2, await VersionAsync(sessions));
        await sessions.DeleteAsync(Session, None);
        Assert.Null(await VersionAsync(sessions));
    }

    [Fact]
    public async Task Those_who_wait_for_a_flush_share_the_next_one()
    {
        const int waiting = 8;
        using var first = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        var flushes = 0;
        var flush = new SharedFlush(() =>
        {
            if (Interlocked.Increment(ref flushes) > 1) return;
            begun.Set();
            first.Wait(TimeSpan.FromSeconds(30));
        });
        var tasks = new List<Task> { Task.Factory.StartNew(flush.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default) };
        Assert.True(begun.Wait(TimeSpan.FromSeconds(30)));

        for (var i = 0; i < waiting; i++) tasks.Add(Task.Factory.StartNew(flush.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        Assert.True(SpinWait.SpinUntil(() => flush.Waiting == waiting, TimeSpan.FromSeconds(30)));
        first.Set();
        await Task.WhenAll(tasks).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(2, flushes);
    }

    [Fact]
    public void A_flush_that_fails_fails_for_all_who_share_it_and_not_for_later_ones()
    {
        var isBroken = true;
        var flush = new SharedFlush(() =>
        {
            if (isBroken) throw new IOException("Input/output error.");
        });

        Assert.Throws<IOException>(flush.Run);
        isBroken = false;
        flush.Run();
    }

    private static async Task<string> WindowAsync(FileHistory history, int limit = 4) =>
        string.Join(' ', (await history.LoadAsync(new HistoryQuery { Session = Session, Limit = limit, Order = ListOrder.Descending, PinnedLimit = 8 }, None)).Items.Reverse().Select(m => m.Id));

    private static async Task<long?> VersionAsync(FileSessions sessions) =>
        (await sessions.FindSessionsAsync(new SessionQuery { Tenant = "default", Id = "s1", Limit = 1 }, None)).Items is [var found, ..] ? found.Version : null;
}
