using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace PluginHost.Budget.Tests;

/// <summary>What the next process knows, and what happens without a database.</summary>
public sealed class StorageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("budget-").FullName;

    private string File => Path.Combine(_folder, "data", "plugins", "budget", "budget.db");

    [Theory]
    [InlineData(Measure.Tokens, 150, Scope.Tenant, Window.Month)]
    [InlineData(Measure.ModelCalls, 2, Scope.Session, Window.None)]
    public async Task The_next_process_knows_what_is_used(Measure measure, int max, Scope per, Window window)
    {
        var options = Agent.Limit(measure, max, per, window);
        await using (var first = new Agent(options, folder: _folder)) await first.RunAsync();
        await using (var second = new Agent(options, folder: _folder)) Assert.Equal(RunOutcome.Completed, (await second.RunAsync()).Outcome);

        await using var third = new Agent(options, folder: _folder);

        Assert.Equal("run_refused", (await third.RunAsync()).ErrorType);
    }

    [Fact]
    public async Task A_charge_is_in_the_database_when_the_run_has_ended()
    {
        await using var agent = new Agent(Agent.Limit(Measure.Tokens, 1000), folder: _folder);

        await agent.RunAsync();

        Assert.Equal(100, Query("SELECT used FROM counters"));
    }

    [Fact]
    public async Task Charges_that_cannot_be_saved_count_and_are_saved_later()
    {
        await using var agent = new Agent(Agent.Limit(Measure.Tokens, 250, Scope.Session), folder: _folder);
        await agent.RunAsync("one");
        Execute("ALTER TABLE counters RENAME TO away");

        await agent.RunAsync("one");
        var health = await agent.Plugin.CheckHealthAsync(default);
        await agent.RunAsync("one");
        var last = await agent.RunAsync("one");
        Execute("ALTER TABLE away RENAME TO counters");
        // The end of a run waits for its charge, which is saved with all that wait.
        await agent.RunAsync("two");

        Assert.Contains("Charges cannot be saved", health.Text, StringComparison.Ordinal);
        Assert.Equal("run_refused", last.ErrorType);
        Assert.Equal(PluginHealth.Healthy, await agent.Plugin.CheckHealthAsync(default));
        Assert.Equal(300, Query("SELECT used FROM counters WHERE name = 'one'"));
    }

    [Fact]
    public async Task Saving_is_tried_again_each_second()
    {
        var clock = new RecordedDelays();
        await using (var agent = new Agent(Agent.Limit(Measure.Tokens, 250), folder: _folder, clock: clock))
        {
            await agent.RunAsync();
            Execute("ALTER TABLE counters RENAME TO away");
            await agent.RunAsync();
            await clock.NextAsync();

            clock.Advance(TimeSpan.FromSeconds(1));

            // The second try has failed, too.
            await clock.NextAsync();
            Execute("ALTER TABLE away RENAME TO counters");
        }

        Assert.Equal(200, Query("SELECT used FROM counters"));
    }

    [Fact]
    public async Task A_run_does_not_begin_while_what_is_used_cannot_be_read()
    {
        await using var agent = new Agent(Agent.Limit(Measure.Tokens, 250), folder: _folder);
        Execute("ALTER TABLE counters RENAME TO away");

        var run = await agent.RunAsync();

        Assert.Equal(RunOutcome.Failed, run.Outcome);
        Assert.Contains("The counters of the budgets", run.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(0, agent.Model.Calls);
    }

    [Fact]
    public async Task A_deleted_session_does_not_come_back_with_a_charge_that_waits()
    {
        await using (var agent = new Agent(Agent.Limit(Measure.Tokens, 1000, Scope.Session), folder: _folder))
        {
            Execute("CREATE TRIGGER stop BEFORE INSERT ON counters BEGIN SELECT RAISE(ABORT, 'stop'); END");
            await agent.RunAsync("one");
            await agent.DeleteSessionAsync("one");
            Execute("DROP TRIGGER stop");
        }

        Assert.Equal(0, Query("SELECT count(*) FROM counters"));
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_not_touched()
    {
        await using (new Agent(Agent.Limit(Measure.Tokens, 1), folder: _folder)) Execute("PRAGMA user_version = 2");

        var error = Assert.Throws<StorageException>(() => new Agent(Agent.Limit(Measure.Tokens, 1), folder: _folder));

        Assert.Contains("newer version of the plugin", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, Query("PRAGMA user_version"));
    }

    [Fact]
    public void A_file_that_is_no_database_is_named_with_the_cure()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, new string('x', 5000));

        var error = Assert.Throws<StorageException>(() => new Agent(Agent.Limit(Measure.Tokens, 1), folder: _folder));

        Assert.Contains("a damaged file may be deleted", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Execute(string sql) => _ = Use(sql, c => c.ExecuteNonQuery());

    private long Query(string sql) => Use(sql, c => (long)c.ExecuteScalar()!);

    private T Use<T>(string sql, Func<SqliteCommand, T> use)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return use(command);
    }

    /// <summary>A clock that moves only by hand, and reports when a delay of a second begins.</summary>
    private sealed class RecordedDelays : FakeTimeProvider
    {
        private readonly Channel<bool> _delays = Channel.CreateUnbounded<bool>();

        public async Task NextAsync() => await _delays.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == TimeSpan.FromSeconds(1)) _delays.Writer.TryWrite(true);
            return timer;
        }
    }
}
