namespace PluginHost.Sqlite.Tests;

public sealed class GroupCommitTests : StoreTestBase
{
    [Fact]
    public async Task Waiting_requests_share_one_commit()
    {
        var history = History();
        var appends = await QueueWhileWriterIsBusyAsync(history.Database, () =>
            [.. Enumerable.Range(0, 32).Select(i => history.AppendAsync(Run($"r{i}", Session with { Id = $"s{i}" }), None).AsTask())]);
        var before = history.Database.Writer.Commits;

        await Task.WhenAll(appends.Tasks);

        Assert.InRange(history.Database.Writer.Commits, before, appends.Commits + 2);
        for (var i = 0; i < 32; i++) Assert.Equal($"r{i}.in r{i}.out", await LoadAsync(history, Session with { Id = $"s{i}" }));
    }

    [Fact]
    public async Task Deletions_that_wait_together_share_the_truncation_of_the_log()
    {
        var history = History();
        for (var i = 0; i < 64; i++) await history.AppendAsync(Run($"r{i}", Session with { Id = $"s{i}" }), None);
        var before = history.Database.Truncations;

        var (deletions, _) = await QueueWhileWriterIsBusyAsync(history.Database, () =>
            [.. Enumerable.Range(0, 64).Select(i => history.DeleteAsync(new HistoryDeletion { Session = Session with { Id = $"s{i}" } }, None).AsTask())]);
        await Task.WhenAll(deletions);

        Assert.InRange(history.Database.Truncations - before, 1, 4);
        Assert.False(Folder.Contains("r63.out"));
    }

    [Fact]
    public async Task The_writer_stores_a_run_with_few_statements_and_hardly_an_allocation()
    {
        var (history, sessions) = (History(), Sessions());
        var record = await AddRunsAsync(history, sessions, null, 1, 20);
        var writer = sessions.Database.Writer;
        var (before, allocatedBefore) = (writer.Counts.Statements, await ReadAllocatedAsync(writer));

        await AddRunsAsync(history, sessions, record, 21, 100);

        // The session, the run, the append and two messages, and the two of a transaction.
        Assert.InRange(writer.Counts.Statements - before, 100 * 7, (100 * 7) + 10);
        Assert.InRange(await ReadAllocatedAsync(writer) - allocatedBefore, 0, 100 * 1500);
    }

    [Fact]
    public async Task A_conflict_fails_only_the_conflicting_request()
    {
        var (history, sessions) = (History(), Sessions());
        await sessions.SaveAsync(Save(Session, 1), None);
        var other = Session with { Id = "s2" };

        var (tasks, _) = await QueueWhileWriterIsBusyAsync(history.Database, () =>
        [
            history.AppendAsync(Run("r1", other), None).AsTask(),
            sessions.SaveAsync(Save(Session, 1, run: "r2", appends: new CoveredAppend { History = history, Append = Run("r2") }), None).AsTask(),
            sessions.SaveAsync(Save(other, 1, run: "r3", appends: new CoveredAppend { History = history, Append = Run("r3", other) }), None).AsTask(),
        ]);

        await tasks[0];
        var conflict = await Assert.ThrowsAsync<SessionConflictException>(() => tasks[1]);
        await tasks[2];
        Assert.Equal((0, 1), (conflict.Expected, conflict.Found));
        Assert.Equal("", await LoadAsync(history));
        Assert.Equal("r1.in r1.out r3.in r3.out", await LoadAsync(history, other));
    }

    [Fact]
    public async Task A_failure_during_a_save_rolls_the_whole_save_back()
    {
        var (history, sessions) = (History(), Sessions());
        await history.AppendAsync(Run("r1"), None);
        var duplicate = Run("r2") with { Messages = [Message("new", ChatRole.User), Message("r1.in", ChatRole.User)] };

        var exception = await Assert.ThrowsAsync<SqliteStoreException>(() =>
            sessions.SaveAsync(Save(Session, 1, run: "r2", appends: new CoveredAppend { History = history, Append = duplicate }), None).AsTask());

        Assert.Contains("same id", exception.Message, StringComparison.Ordinal);
        Assert.Null(await FindAsync(sessions, Session));
        Assert.Equal("r1.in r1.out", await LoadAsync(history));
        await sessions.SaveAsync(Save(Session, 1, run: "r2", appends: new CoveredAppend { History = history, Append = Run("r2") }), None);
        Assert.Equal("r1.in r1.out r2.in r2.out", await LoadAsync(history));
    }

    [Fact]
    public async Task A_request_cancelled_while_waiting_is_not_written()
    {
        var history = History();
        using var cancellation = new CancellationTokenSource();
        var (tasks, _) = await QueueWhileWriterIsBusyAsync(history.Database, () =>
        {
            var task = history.AppendAsync(Run("r1"), cancellation.Token).AsTask();
            cancellation.Cancel();
            return [task];
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tasks[0]);
        Assert.Equal("", await LoadAsync(history));
    }

    [Fact]
    public async Task Requests_queued_before_closing_are_stored()
    {
        var history = History();
        var (tasks, _) = await QueueWhileWriterIsBusyAsync(history.Database, () => [.. Enumerable.Range(0, 5).Select(i => history.AppendAsync(Run($"r{i}"), None).AsTask())]);

        await CloseAsync();

        await Task.WhenAll(tasks);
        Assert.Equal(10, (await History().LoadAsync(new HistoryQuery { Session = Session, Limit = 50, Order = ListOrder.Descending }, None)).Items.Count);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => history.AppendAsync(Run("late"), None).AsTask());
    }

    private static async Task<SessionRecord?> AddRunsAsync(SqliteHistory history, SqliteSessions sessions, SessionRecord? record, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            var save = Save(Session, i, record, $"r{i}", new CoveredAppend { History = history, Append = Run($"r{i}") });
            await sessions.SaveAsync(save, None);
            record = save.Session;
        }

        return record;
    }

    /// <returns>The bytes that the writer's thread has allocated.</returns>
    private static async Task<long> ReadAllocatedAsync(DatabaseWriter writer)
    {
        var bytes = 0L;
        await writer.WriteAsync(new ActionRequest(_ => bytes = GC.GetAllocatedBytesForCurrentThread()), None);
        return bytes;
    }

    /// <summary>Queues requests while the writer is busy, so that all of them wait for the next commit.</summary>
    private static async Task<(Task[] Tasks, long Commits)> QueueWhileWriterIsBusyAsync(Database database, Func<Task[]> start)
    {
        using var gate = new ManualResetEventSlim();
        var blocking = new ActionRequest(_ => gate.Wait());
        var blocked = database.Writer.WriteAsync(blocking, None);
        await blocking.Started.Task;
        var commits = database.Writer.Commits;
        var tasks = start();
        gate.Set();
        await blocked;
        return (tasks, commits);
    }
}
