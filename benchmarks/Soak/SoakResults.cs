using System.Collections.Concurrent;
using System.Diagnostics;

namespace PluginHost.Benchmarks.Soak;

/// <summary>Counts the responses that callers got: acknowledged runs, rejected requests and errors. Thread-safe.</summary>
internal sealed class SoakResults
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _runs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _errors = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<double> _rejections = new();
    private int _acknowledged;
    private int _deleted;
    private int _reads;

    public int Acknowledged => _acknowledged;

    public int Deleted => _deleted;

    public int Reads => _reads;

    public IReadOnlyDictionary<string, int> Errors => _errors;

    /// <summary>The latencies of responses with status 429 or 503, in milliseconds, ascending.</summary>
    public IReadOnlyList<double> Rejections => [.. _rejections.Order()];

    /// <summary>The acknowledged runs of each session that was not deleted.</summary>
    public IEnumerable<KeyValuePair<string, ConcurrentQueue<string>>> Sessions => _runs;

    public void AddRun(string session, string run)
    {
        Interlocked.Increment(ref _acknowledged);
        _runs.GetOrAdd(session, static _ => new()).Enqueue(run);
    }

    public void AddDelete(string session)
    {
        Interlocked.Increment(ref _deleted);
        _runs.TryRemove(session, out _);
    }

    public void AddRead() => Interlocked.Increment(ref _reads);

    /// <param name="sent">The time when the request was sent, in stopwatch ticks.</param>
    public void AddRejection(long sent) => _rejections.Enqueue(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);

    public void AddError(string error) => _errors.AddOrUpdate(error, 1, static (_, n) => n + 1);
}
