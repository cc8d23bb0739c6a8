using System.Runtime.CompilerServices;
using System.Text.Json;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;

namespace PluginHost.Engine.Explain.Kept;

/// <summary>
/// Keeps explanations of the runs that have ended, in memory or in the session store, and explains runs in progress. Explanations are written
/// in the background. Thread-safe.
/// </summary>
internal sealed class KeptExplanations
{
    private readonly ExplainConfiguration _settings;
    private readonly ITokenEstimate _tokens;
    private readonly TimeProvider _time;
    private readonly IExplanationStore? _store;
    private readonly TraceRateLimiter _rate;
    private readonly Lock _lock = new();
    private readonly HashSet<RunRecorder> _open = [];
    private readonly ExplanationRing _ring;
    private readonly EndedRecorders _ended;

    // What is being written must not come after what forgets it.
    private readonly KeyedLock<SessionKey> _storing = new();

    /// <param name="settings">What is kept, and where.</param>
    /// <param name="tokens">Weighs messages.</param>
    /// <param name="time">The clock.</param>
    /// <param name="store">The session store; null when it keeps no explanations.</param>
    public KeptExplanations(ExplainConfiguration settings, ITokenEstimate tokens, TimeProvider time, IExplanationStore? store = null)
    {
        (_settings, _tokens, _time, _store) = (settings, tokens, time, store);
        _rate = new TraceRateLimiter(time, settings.RunsPerSecond);
        _ring = new ExplanationRing(settings);
        _ended = new EndedRecorders(settings, WriteAsync);
    }

    public ExplainConfiguration Settings => _settings;

    /// <summary>How many bytes are kept in memory.</summary>
    public long Bytes => _ring.Bytes;

    /// <summary>How many runs are in progress, or wait to be written.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock) return _open.Count;
        }
    }

    /// <summary>Where explanations are written to; null when they stay in memory.</summary>
    private IExplanationStore? WrittenTo => _settings is { Enabled: true, Store: ExplanationPlace.Session } ? _store : null;

    /// <summary>A run begins.</summary>
    /// <returns>What records it; null when it is not to be recorded.</returns>
    public RunRecorder? TryBegin(RunRecord run, string? agentInstructions)
    {
        if (!_settings.Enabled || !_rate.TryAcquire()) return null;
        var recorder = new RunRecorder(run, agentInstructions, _time);
        lock (_lock) _open.Add(recorder);
        return recorder;
    }

    /// <summary>The run has ended.</summary>
    /// <param name="recorder">What recorded it.</param>
    /// <param name="isKept">Whether it is a run that can be found.</param>
    public void End(RunRecorder recorder, bool isKept)
    {
        lock (_lock) recorder.EndedAt = _time.GetTimestamp();
        if (isKept && TryMeasure(recorder) is { } bytes && _ended.TryAdd(recorder, bytes)) return;
        lock (_lock) _open.Remove(recorder);
    }

    /// <summary>The explanation of a run, of one in progress as far as it is.</summary>
    /// <returns>Null when it is not kept.</returns>
    /// <exception cref="Errors.ProblemException">The session store failed.</exception>
    public async ValueTask<RunExplanation?> FindAsync(SessionKey session, string runId, CancellationToken cancellationToken)
    {
        RunRecorder? recorder;
        lock (_lock) recorder = _open.Where(o => o.RunId == runId && o.Session == session).MaxBy(o => o.Attempt);
        if (recorder is not null) return Build(recorder);
        if (_ring.Find(session, runId) is { } kept) return TryRead(kept);
        return WrittenTo is { } store && await store.FindAsync(session, runId, cancellationToken) is { } stored ? TryRead(stored) : null;
    }

    /// <summary>The explanations of the runs of a session that have ended: those that are stored, then those in memory, each in the order of their ends.</summary>
    /// <exception cref="Errors.ProblemException">The session store failed.</exception>
    public async IAsyncEnumerable<RunExplanation> FindEndedAsync(SessionKey session, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var inMemory = ListInMemory(session);
        if (WrittenTo is { } store)
        {
            await foreach (var (runId, document) in store.ListAsync(session, cancellationToken))
            {
                if (!inMemory.Exists(m => m.RunId == runId) && TryRead(document) is { } stored) yield return stored;
            }
        }

        foreach (var (_, document) in inMemory) yield return ExplainJson.Read(document);
    }

    /// <summary>The session is deleted; the session store has removed what it had.</summary>
    public void Forget(SessionKey session)
    {
        // A run that waits for its turn has read nothing of the session yet.
        lock (_lock) _open.RemoveWhere(o => o.Session == session && (o.EndedAt is not null || o.HasBegun));
        _ring.Remove(session);
    }

    /// <summary>The run is deleted; the session store has removed what it had.</summary>
    public void Forget(SessionKey session, string runId)
    {
        lock (_lock) _open.RemoveWhere(o => o.Session == session && o.RunId == runId);
        _ring.Remove(session, runId);
    }

    /// <summary>Messages of the session are deleted: the model of any of its runs may have been given them.</summary>
    /// <exception cref="Errors.ProblemException">The session store failed.</exception>
    public async ValueTask ForgetContentAsync(SessionKey session)
    {
        await _storing.EnterAsync(session, CancellationToken.None);
        try
        {
            Forget(session);
            // Also what was written before the settings changed.
            if (_store is not null) await _store.ForgetAsync(session);
        }
        finally
        {
            _storing.Exit(session);
        }
    }

    /// <summary>Waits, when the host stops, until what has ended is stored.</summary>
    public Task FlushAsync(TimeSpan timeout) => WrittenTo is null ? Task.CompletedTask : _ended.FlushAsync(timeout, _time);

    /// <summary>Explains what was recorded until now.</summary>
    public RunExplanation Build(RunRecorder recorder) => new ExplanationBuilder(recorder.Read(), _tokens, _time).Build();

    private List<(string RunId, byte[] Document)> ListInMemory(SessionKey session)
    {
        List<RunRecorder> waiting;
        List<(string RunId, byte[] Document)> kept;
        lock (_lock)
        {
            // Their callers know that they ended.
            waiting = [.. _open.Where(o => o.EndedAt is not null && o.Session == session).OrderBy(o => o.EndedAt)];
            kept = [.. _ring.List(session).Where(k => !waiting.Exists(w => w.RunId == k.RunId))];
        }

        foreach (var recorder in waiting)
        {
            if (TryWrite(recorder) is { } document) kept.Add((recorder.RunId, document));
        }

        return kept;
    }

    private async ValueTask WriteAsync(RunRecorder recorder)
    {
        var document = TryWrite(recorder);
        await _storing.EnterAsync(recorder.Session, CancellationToken.None);
        try
        {
            if (!IsOpen(recorder)) return;
            var isStored = document is not null && WrittenTo is { } store && await store.TryWriteAsync(recorder.Session, recorder.RunId, document, _settings.StoreTenantBytes);
            lock (_lock)
            {
                // A session that was deleted meanwhile has none.
                if (!_open.Remove(recorder) || document is null) return;
                if (isStored) _ring.Remove(recorder.Session, recorder.RunId);
                else _ring.Add(recorder.Session, recorder.RunId, document);
            }
        }
        finally
        {
            _storing.Exit(recorder.Session);
        }
    }

    /// <inheritdoc cref="TryWrite"/>
    private long? TryMeasure(RunRecorder recorder)
    {
        try
        {
            return recorder.Measure(_tokens);
        }
        catch (Exception)
        {
            return null;
        }
    }

    private bool IsOpen(RunRecorder recorder)
    {
        lock (_lock) return _open.Contains(recorder);
    }

    /// <returns>Null when that fails: objects of plugins are read, which may throw anything. The run is not explained then.</returns>
    private byte[]? TryWrite(RunRecorder recorder)
    {
        try
        {
            return ExplainJson.Write(Build(recorder));
        }
        catch (Exception)
        {
            return null;
        }
    }

    /// <returns>Null for one of a version that this one cannot read.</returns>
    private static RunExplanation? TryRead(byte[] document)
    {
        try
        {
            return ExplainJson.Read(document);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
