using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Benchmarks.Runs;
using PluginHost.Sdk;
using PluginHost.Sdk.Testing;
using PluginHost.Sqlite;

namespace PluginHost.Benchmarks.Stores;

/// <summary>Sessions in one SQLite file that get runs as the host stores them: the record, the run and two messages in one commit.</summary>
internal sealed class StoredRuns : IAsyncDisposable
{
    private static readonly List<ChatMessage> Turn = Conversation.Create(2);

    private readonly TestPluginContext _historyContext;
    private readonly TestPluginContext _sessionsContext;
    private readonly SqliteHistory _history;
    private readonly SessionRecord?[] _records;

    /// <param name="folder">The folder of the file.</param>
    /// <param name="sessions">The number of sessions.</param>
    public StoredRuns(string folder, int sessions)
    {
        _historyContext = new TestPluginContext("sqlite-history", folder);
        _sessionsContext = new TestPluginContext("sqlite-sessions", folder, _historyContext);
        _history = new SqliteHistory(new SqliteHistoryOptions("sessions.db"), _historyContext);
        Store = new SqliteSessions(new SqliteHistoryOptions("sessions.db"), _sessionsContext);
        _records = new SessionRecord?[sessions];
    }

    public SqliteSessions Store { get; }

    /// <summary>Adds runs to sessions in turn, each caller to sessions of its own, until a time is over or a number is reached.</summary>
    /// <returns>The durations in milliseconds.</returns>
    public async Task<List<double>> AddAsync(int callers, int runsPerCaller, CancellationToken stop)
    {
        var durations = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(
            async () =>
            {
                var own = new List<double>();
                for (var i = 0; i < runsPerCaller && !stop.IsCancellationRequested; i++)
                    own.Add(await TimeAsync(caller + (i % (_records.Length / callers) * callers)));
                return own;
            },
            CancellationToken.None)));
        return [.. durations.SelectMany(d => d)];
    }

    /// <summary>Adds runs to the first sessions, one for each caller, until it is stopped.</summary>
    public async Task<List<double>> AddToFirstAsync(int callers, CancellationToken stop)
    {
        var durations = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(
            async () =>
            {
                var own = new List<double>();
                while (!stop.IsCancellationRequested) own.Add(await TimeAsync(caller));
                return own;
            },
            CancellationToken.None)));
        return [.. durations.SelectMany(d => d)];
    }

    /// <summary>Deletes sessions as the host does: their history, then their records.</summary>
    public Task DeleteAsync(int first, int count, int atOnce) => Parallel.ForEachAsync(
        Enumerable.Range(first, count),
        new ParallelOptions { MaxDegreeOfParallelism = atOnce },
        async (session, _) =>
        {
            await _history.DeleteAsync(new HistoryDeletion { Session = Key(session) }, CancellationToken.None);
            await Store.DeleteAsync(Key(session), CancellationToken.None);
        });

    public async ValueTask DisposeAsync()
    {
        await _sessionsContext.DisposeAsync();
        await _historyContext.DisposeAsync();
    }

    private static SessionKey Key(int session) => new("benchmark", $"s{session}");

    private async Task<double> TimeAsync(int session)
    {
        var began = Stopwatch.GetTimestamp();
        await AddAsync(session);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private async Task AddAsync(int session)
    {
        var now = DateTimeOffset.UtcNow;
        var (id, previous) = ($"run_{Guid.CreateVersion7():N}", _records[session]);
        var version = previous?.Version ?? 0;
        var record = (previous ?? new SessionRecord { Key = Key(session), Version = 0, CreatedAt = now, UpdatedAt = now }) with { Version = version + 1, UpdatedAt = now, LastRunId = id };
        var append = new HistoryAppend
        {
            Session = record.Key,
            Messages = [.. Turn.Select((m, i) => new HistoryMessage
            {
                Id = $"{id}.{i}",
                Origin = i == 0 ? MessageOrigin.Input : MessageOrigin.Output,
                Message = m,
                RunId = id, Agent = "assistant", CreatedAt = now,
            })],
            RunId = id,
            Agent = "assistant",
            CreatedAt = now,
        };
        await Store.SaveAsync(
            new SessionSave
            {
                Session = record,
                ExpectedVersion = version,
                Previous = previous,
                Run = new RunRecord { Id = id, Session = record.Key, Agent = "assistant", Status = RunStatus.Completed, CreatedAt = now, CompletedAt = now, Output = [Turn[1]], FinishReason = "stop" },
                Appends = [new CoveredAppend { History = _history, Append = append }],
            },
            CancellationToken.None);
        _records[session] = record;
    }
}
