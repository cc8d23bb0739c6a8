namespace PluginHost.Sqlite.Tests;

public sealed class GroupCommitTests : Stores
{
    [Fact]
    public async Task What_waits_together_shares_one_commit()
    {
        var history = History();
        var appends = await HoldingWriterAsync(history.Database, () =>
            [.. Enumerable.Range(0, 32).Select(i => history.AppendAsync(Run($"r{i}", Session with { Id = $"s{i}" }), None).AsTask())]);
        var before = history.Database.Writer.Commits;

        await Task.WhenAll(appends.Tasks);

        Assert.InRange(history.Database.Writer.Commits, before, appends.Commits + 2);
        for (var i = 0; i < 32; i++) Assert.Equal($"r{i}.in r{i}.out", await LoadAsync(history, Session with { Id = $"s{i}" }));
    }

    [Fact]
    public async Task A_conflict_fails_only_its_own_caller()
    {
        var (history, sessions) = (History(), Sessions());
        await sessions.SaveAsync(Save(Session, 1), None);
        var other = Session with { Id = "s2" };

        var (tasks, _) = await HoldingWriterAsync(history.Database, () =>
        [
            history.AppendAsync(Run("r1", other), None).AsTask(),
            sessions.SaveAsync(Save(Session, 1, run: "r2", appends: new CoveredAppend(history, Run("r2"))), None).AsTask(),
            sessions.SaveAsync(Save(other, 1, run: "r3", appends: new CoveredAppend(history, Run("r3", other))), None).AsTask(),
        ]);

        await tasks[0];
        var conflict = await Assert.ThrowsAsync<SessionConflictException>(() => tasks[1]);
        await tasks[2];
        Assert.Equal((0, 1), (conflict.Expected, conflict.Found));
        Assert.Equal("", await LoadAsync(history));
        Assert.Equal("r1.in r1.out r3.in r3.out", await LoadAsync(history, other));
    }

    [Fact]
    public async Task A_failure_in_the_middle_of_a_save_undoes_all_of_it()
    {
        var (history, sessions) = (History(), Sessions());
        await history.AppendAsync(Run("r1"), None);
        var clash = Run("r2") with { Messages = [Message("new", ChatRole.User), Message("r1.in", ChatRole.User)] };

        var exception = await Assert.ThrowsAsync<SqliteStoreException>(() =>
            sessions.SaveAsync(Save(Session, 1, run: "r2", appends: new CoveredAppend(history, clash)), None).AsTask());

        Assert.Contains("same id", exception.Message, StringComparison.Ordinal);
        Assert.Null(await FindAsync(sessions, Session));
        Assert.Equal("r1.in r1.out", await LoadAsync(history));
        await sessions.SaveAsync(Save(Session, 1, run: "r2", appends: new CoveredAppend(history, Run("r2"))), None);
        Assert.Equal("r1.in r1.out r2.in r2.out", await LoadAsync(history));
    }

    [Fact]
    public async Task A_request_that_is_cancelled_while_it_waits_is_not_written()
    {
        var history = History();
        using var cancellation = new CancellationTokenSource();
        var (tasks, _) = await HoldingWriterAsync(history.Database, () =>
        {
            var task = history.AppendAsync(Run("r1"), cancellation.Token).AsTask();
            cancellation.Cancel();
            return [task];
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tasks[0]);
        Assert.Equal("", await LoadAsync(history));
    }

    [Fact]
    public async Task What_was_asked_for_before_closing_is_stored()
    {
        var history = History();
        var (tasks, _) = await HoldingWriterAsync(history.Database, () => [.. Enumerable.Range(0, 5).Select(i => history.AppendAsync(Run($"r{i}"), None).AsTask())]);

        await CloseAsync();

        await Task.WhenAll(tasks);
        Assert.Equal(10, (await History().LoadAsync(new HistoryQuery(Session), None)).Items.Count);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => history.AppendAsync(Run("late"), None).AsTask());
    }

    /// <summary>Starts work while the writer is busy, so that all of it is waiting when the writer comes back.</summary>
    private static async Task<(Task[] Tasks, long Commits)> HoldingWriterAsync(Database database, Func<Task[]> start)
    {
        using var gate = new ManualResetEventSlim();
        var held = new GatedRequest(_ => gate.Wait());
        var holding = database.Writer.WriteAsync(held, None);
        await held.Begun.Task;
        var commits = database.Writer.Commits;
        var tasks = start();
        gate.Set();
        await holding;
        return (tasks, commits);
    }
}
