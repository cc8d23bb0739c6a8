using System.Threading.Channels;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;

namespace PluginHost.Engine.Explain;

/// <summary>
/// Keeps explanations of the runs that ended last, within so many bytes for each tenant and for all, and explains runs in progress.
/// What ended is written beside its callers' way. Thread-safe.
/// </summary>
internal sealed class KeptExplanations
{
    /// <summary>How many ended runs may wait to be written; later ones are not kept.</summary>
    private const int MaxWaiting = 256;

    private readonly ExplainConfiguration _settings;
    private readonly ITokenEstimate _tokens;
    private readonly TimeProvider _time;
    private readonly TraceRateLimiter _rate;
    private readonly Lock _lock = new();
    private readonly HashSet<RunRecorder> _open = [];
    private readonly LinkedList<Kept> _kept = [];
    private readonly Dictionary<(string Tenant, string Run), LinkedListNode<Kept>> _byRun = [];
    private readonly Dictionary<string, long> _bytesOf = new(StringComparer.Ordinal);
    private readonly Channel<RunRecorder> _ended = Channel.CreateBounded<RunRecorder>(MaxWaiting);
    private int _isWriting;

    public KeptExplanations(ExplainConfiguration settings, ITokenEstimate tokens, TimeProvider time)
    {
        (_settings, _tokens, _time) = (settings, tokens, time);
        _rate = new TraceRateLimiter(time, settings.RunsPerSecond);
    }

    public ExplainConfiguration Settings => _settings;

    /// <summary>How many bytes are kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many runs are in progress, or wait to be written.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock) return _open.Count;
        }
    }

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
        if (isKept && _ended.Writer.TryWrite(recorder))
        {
            if (Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0) ThreadPool.UnsafeQueueUserWorkItem(static kept => kept.WriteEnded(), this, preferLocal: false);
            return;
        }

        lock (_lock) _open.Remove(recorder);
    }

    /// <summary>The explanation of a run, of one in progress as far as it is.</summary>
    /// <returns>Null when it is not kept.</returns>
    public RunExplanation? Find(SessionKey session, string runId)
    {
        RunRecorder? recorder;
        Kept? kept;
        lock (_lock)
        {
            recorder = _open.Where(o => o.RunId == runId && o.Session == session).MaxBy(o => o.Attempt);
            kept = _byRun.TryGetValue((session.Tenant, runId), out var node) && node.Value.Session == session ? node.Value : null;
        }

        return recorder is not null ? Build(recorder) : kept is null ? null : ExplainJson.Read(kept.Document);
    }

    /// <summary>The explanations of the runs of a session that have ended, in the order of their ends.</summary>
    public IReadOnlyList<RunExplanation> FindEnded(SessionKey session)
    {
        List<RunRecorder> waiting;
        List<Kept> kept;
        lock (_lock)
        {
            // Their callers know that they ended.
            waiting = [.. _open.Where(o => o.EndedAt is not null && o.Session == session).OrderBy(o => o.EndedAt)];
            kept = [.. _kept.Where(k => k.Session == session && !waiting.Exists(w => w.RunId == k.RunId))];
        }

        return [.. kept.Select(k => k.Document).Concat(waiting.Select(TryWrite).OfType<byte[]>()).Select(d => ExplainJson.Read(d))];
    }

    /// <summary>The session is deleted, or messages of it are.</summary>
    public void Forget(SessionKey session) => Forget(session, null);

    /// <summary>The run is deleted.</summary>
    public void Forget(SessionKey session, string? runId)
    {
        if (!_settings.Enabled) return;
        lock (_lock)
        {
            _open.RemoveWhere(o => o.Session == session && (runId is null || o.RunId == runId));
            for (var node = _kept.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Session == session && (runId is null || node.Value.RunId == runId)) Remove(node);
                node = next;
            }
        }
    }

    /// <summary>Explains what was recorded until now.</summary>
    public RunExplanation Build(RunRecorder recorder) => new ExplanationBuilder(recorder.Read(), _tokens, _time).Build();

    private void WriteEnded()
    {
        do
        {
            while (_ended.Reader.TryRead(out var recorder)) Write(recorder);
            Volatile.Write(ref _isWriting, 0);
        }
        // One that was added meanwhile has started no other thread.
        while (_ended.Reader.Count > 0 && Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0);
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

    private void Write(RunRecorder recorder)
    {
        var document = TryWrite(recorder);
        lock (_lock)
        {
            // A session that was deleted meanwhile has none.
            if (!_open.Remove(recorder) || document is null || document.Length > _settings.TenantBytes || document.Length > _settings.Bytes) return;
            if (_byRun.TryGetValue((recorder.Session.Tenant, recorder.RunId), out var earlier)) Remove(earlier);
            Add(new Kept(recorder.Session, recorder.RunId, document));
        }
    }

    private void Add(Kept kept)
    {
        _byRun[(kept.Session.Tenant, kept.RunId)] = _kept.AddLast(kept);
        Bytes += kept.Document.Length;
        var ofTenant = _bytesOf[kept.Session.Tenant] = _bytesOf.GetValueOrDefault(kept.Session.Tenant) + kept.Document.Length;
        for (var node = _kept.First; node is not null && ofTenant > _settings.TenantBytes;)
        {
            var next = node.Next;
            if (node.Value.Session.Tenant == kept.Session.Tenant)
            {
                Remove(node);
                ofTenant = _bytesOf[kept.Session.Tenant];
            }

            node = next;
        }

        while (Bytes > _settings.Bytes) Remove(_kept.First!);
    }

    private void Remove(LinkedListNode<Kept> node)
    {
        var kept = node.Value;
        _kept.Remove(node);
        _byRun.Remove((kept.Session.Tenant, kept.RunId));
        Bytes -= kept.Document.Length;
        if ((_bytesOf[kept.Session.Tenant] -= kept.Document.Length) == 0) _bytesOf.Remove(kept.Session.Tenant);
    }

    private sealed record Kept(SessionKey Session, string RunId, byte[] Document);
}
