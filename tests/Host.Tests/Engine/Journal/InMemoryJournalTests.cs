using System.Text;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine.Journal;

/// <summary>What the store in memory shares with those that outlive the process.</summary>
public sealed class InMemoryJournalTests
{
    private static readonly SessionKey Session = new("default", "s");

    private readonly InMemorySessions _store = new();

    [Fact]
    public async Task A_write_of_the_record_alone_keeps_the_steps()
    {
        await OpenAsync();

        await _store.WriteAsync(new JournalWrite { Session = Session, RunId = "r1", Run = Run() }, default);

        Assert.Equal(2, (await _store.ReadAsync(Session, "r1", 0, 10, default)).Items.Count);
    }

    [Fact]
    public async Task A_run_in_progress_that_is_removed_is_in_no_list()
    {
        await OpenAsync();
        var session = Record();

        await _store.SaveAsync(new SessionSave { Session = session with { Version = 2 }, ExpectedVersion = 1, Previous = session, RemovedRun = "r1" }, default);

        Assert.Empty((await _store.FindOpenRunsAsync(new OpenRunQuery(), default)).Items);
        Assert.Empty((await _store.FindRunsAsync(new RunQuery { Tenant = "default", SessionId = "s" }, default)).Items);
    }

    private static SessionRecord Record() => new() { Key = Session, Version = 1, CreatedAt = DateTimeOffset.UnixEpoch, UpdatedAt = DateTimeOffset.UnixEpoch };

    private static RunRecord Run() => new() { Id = "r1", Session = Session, Agent = "assistant", Status = RunStatus.Running, CreatedAt = DateTimeOffset.UnixEpoch };

    private async Task OpenAsync() => await _store.WriteAsync(
        new JournalWrite { Session = Session, RunId = "r1", Run = Run(), NewSession = Record(), Steps = [Encoding.UTF8.GetBytes("1"), Encoding.UTF8.GetBytes("2")] }, default);
}
