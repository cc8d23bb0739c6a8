using PluginHost.Engine.Runs.Journal;
using PluginHost.Sdk;
using PluginHost.Tests.Access.Cost;
using Xunit.Abstractions;

namespace PluginHost.Tests.Engine.Journal;

/// <summary>What runs cost that an earlier process left and that wait for their turn.</summary>
[Collection(MeasuringCollection.Name)]
public sealed class WaitingRunTests(ITestOutputHelper output) : IAsyncDisposable
{
    private const int Runs = 10_000;

    private readonly JournaledHost _host = new();
    private readonly TaskCompletionSource _never = new();

    [Fact]
    public async Task A_run_that_waits_for_its_turn_takes_less_than_two_kilobytes()
    {
        for (var i = 0; i < Runs; i++) await _host.Store.WriteAsync(Open(i), default);
        var engine = _host.Start(new ScriptedModel(_ => Hang()));
        var before = MeasureMemory();

        await engine.Engine.RecoverAsync(default);

        var bytes = (MeasureMemory() - before) / Runs;
        output.WriteLine($"{bytes} bytes a run.");
        Assert.NotNull(engine.Live.Find("default", $"run_{Runs - 1}"));
        // Less than nothing when a pool of the process gives memory back meanwhile.
        Assert.True(bytes < 2048, $"{bytes} bytes a run.");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>Without what earlier tests left to be finalized, which would go between two measurements.</summary>
    private static long MeasureMemory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static JournalWrite Open(int number)
    {
        var session = TestEngine.Key($"s{number}");
        var run = new RunRecord { Id = $"run_{number}", Session = session, Agent = "assistant", Status = RunStatus.Queued, CreatedAt = DateTimeOffset.UnixEpoch.AddSeconds(number) };
        return new JournalWrite
        {
            Session = session,
            RunId = run.Id,
            Run = run,
            NewSession = new SessionRecord { Key = session, Version = 1, CreatedAt = run.CreatedAt, UpdatedAt = run.CreatedAt },
            Steps = [JournalDocument.Write(new JournalEntry.Command(JournaledHost.Background(session.Id, "hi")))],
        };
    }

    private async IAsyncEnumerable<Microsoft.Extensions.AI.ChatResponseUpdate> Hang()
    {
        await _never.Task;
        yield break;
    }
}
