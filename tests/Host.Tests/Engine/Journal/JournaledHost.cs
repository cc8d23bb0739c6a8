using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;

namespace PluginHost.Tests.Engine.Journal;

/// <summary>Engines that follow each other on one store and one history, as processes do. One that was lost changes nothing any more.</summary>
internal sealed class JournaledHost : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly List<TestEngine> _engines = [];

    public InMemorySessions Store { get; } = new();

    public InMemoryHistory History { get; } = new();

    /// <summary>The store of the engine that was started last.</summary>
    public ProcessStore Process { get; private set; } = null!;

    public static RunCommand Background(string session, string text) => TestEngine.Command(session, text) with { Background = true };

    public static RunCommand Streamed(string session, string text) => TestEngine.Command(session, text) with { Streamed = true };

    public TestEngine Start(IChatClient model, params IReadOnlyList<PluginInstance> plugins) => Start(new SessionsConfiguration(), model, plugins);

    /// <summary>The logs of the engines; null for none.</summary>
    public ILoggerProvider? Logs { get; init; }

    /// <summary>The clock of the engines.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public TestEngine Start(SessionsConfiguration settings, IChatClient model, params IReadOnlyList<PluginInstance> plugins)
    {
        Process?.Lose();
        Process = new ProcessStore(Store);
        var engine = new TestEngine(model, [TestEngine.Plugin(new ProcessHistory(History, Process), "history"), .. plugins], settings, Time, store: Process, logs: Logs);
        _engines.Add(engine);
        return engine;
    }

    public async Task<IReadOnlyList<RunRecord>> OpenRunsAsync() => (await Store.FindOpenRunsAsync(new OpenRunQuery(), default)).Items;

    public async Task<int> StepsAsync(string session, string run) => (await Store.ReadAsync(TestEngine.Key(session), run, 0, 1000, default)).Items.Count;

    /// <summary>Adds a step of a later version to the journal of a run.</summary>
    public async Task DamageAsync(RunRecord run) => await Store.WriteAsync(
        new JournalWrite { Session = run.Session, RunId = run.Id, FirstStep = await StepsAsync(run.Session.Id, run.Id), Steps = ["""{"kind":"later"}"""u8.ToArray()] }, default);

    public static IEnumerable<string> Lines(RunRecord run) =>
        run.Output.Where(m => !m.Contents.Any(ApprovalContent.Is)).Select(m => $"{m.Role}: {TestEngine.Describe(m)}");

    /// <summary>The end of a run that continues, or the record of one that waits or has ended.</summary>
    public static async Task<RunRecord> EndAsync(TestEngine engine, RunRecord run) => engine.Live.Find(run.Session, run.Id) is { } handle
        ? await handle.Completion.WaitAsync(Limit)
        : await engine.Engine.GetRunAsync(run.Session, run.Id, default);

    public async ValueTask DisposeAsync()
    {
        Process?.Lose();
        foreach (var engine in _engines) await engine.DisposeAsync();
    }

    private sealed class ProcessHistory(InMemoryHistory history, ProcessStore process) : IHistoryProvider
    {
        public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken) => history.LoadAsync(query, cancellationToken);

        public ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken) =>
            process.IsLost ? throw new IOException("The process was lost.") : history.AppendAsync(append, cancellationToken);

        public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken) =>
            process.IsLost ? throw new IOException("The process was lost.") : history.DeleteAsync(deletion, cancellationToken);
    }
}

/// <summary>The store as one process sees it.</summary>
internal sealed class ProcessStore(InMemorySessions store) : ISessionStore, IRunJournal
{
    private volatile bool _lost;
    private int _reads;

    public bool IsLost => _lost;

    /// <summary>Called before each write to the journal.</summary>
    public Func<JournalWrite, ValueTask> BeforeWrite { get; set; } = static _ => default;

    /// <summary>What each write to the journal waits for, until it is given up; null for nothing.</summary>
    public Task? WritesWaitFor { get; set; }

    /// <summary>Called before each save.</summary>
    public Func<SessionSave, ValueTask> BeforeSave { get; set; } = static _ => default;

    /// <summary>Called before each search of runs.</summary>
    public Action BeforeFindRuns { get; set; } = static () => { };

    public List<JournalWrite> Writes { get; } = [];

    /// <summary>How often a journal was read.</summary>
    public int Reads => Volatile.Read(ref _reads);

    public void Lose() => _lost = true;

    public async ValueTask WriteAsync(JournalWrite write, CancellationToken cancellationToken)
    {
        await BeforeWrite(write);
        if (WritesWaitFor is { } reached) await reached.WaitAsync(cancellationToken);
        ThrowIfLost();
        lock (Writes) Writes.Add(write);
        await store.WriteAsync(write, cancellationToken);
    }

    public async ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken)
    {
        await BeforeSave(save);
        ThrowIfLost();
        await store.SaveAsync(save, cancellationToken);
    }

    public ValueTask<Page<JournalStep>> ReadAsync(SessionKey session, string runId, int first, int limit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        return store.ReadAsync(session, runId, first, limit, cancellationToken);
    }

    public ValueTask<Page<RunRecord>> FindOpenRunsAsync(OpenRunQuery query, CancellationToken cancellationToken) => store.FindOpenRunsAsync(query, cancellationToken);

    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) => store.FindSessionsAsync(query, cancellationToken);

    public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken)
    {
        BeforeFindRuns();
        return store.FindRunsAsync(query, cancellationToken);
    }

    public ValueTask<RunSearchPage?> SearchRunsAsync(RunSearch search, CancellationToken cancellationToken) => store.SearchRunsAsync(search, cancellationToken);

    public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) => store.DeleteAsync(session, cancellationToken);

    private void ThrowIfLost()
    {
        if (_lost) throw new IOException("The process was lost.");
    }
}
