using System.Collections.Concurrent;
using System.Diagnostics;

namespace PluginHost.Benchmarks.Soak;

/// <summary>What callers were told: which runs were acknowledged, what was refused and how fast, and what went wrong. Thread-safe.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _runs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _errors = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<double> _refusals = new();
    private int _acknowledged;
    private int _deleted;
    private int _reads;

    public int Acknowledged => _acknowledged;

    public int Deleted => _deleted;

    public int Reads => _reads;

    public IReadOnlyDictionary<string, int> Errors => _errors;

    /// <summary>Milliseconds to a 429 or 503, ascending.</summary>
    public IReadOnlyList<double> Refusals => [.. _refusals.Order()];

    /// <summary>The acknowledged runs of sessions that were not deleted.</summary>
    public IEnumerable<KeyValuePair<string, ConcurrentQueue<string>>> Sessions => _runs;

    public void Acknowledge(string session, string run)
    {
        Interlocked.Increment(ref _acknowledged);
        _runs.GetOrAdd(session, static _ => new()).Enqueue(run);
    }

    public void Delete(string session)
    {
        Interlocked.Increment(ref _deleted);
        _runs.TryRemove(session, out _);
    }

    public void Read() => Interlocked.Increment(ref _reads);

    public void Refuse(long sent) => _refusals.Enqueue(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);

    public void Fail(string what) => _errors.AddOrUpdate(what, 1, static (_, n) => n + 1);
}
