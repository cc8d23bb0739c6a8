using System.Numerics;
using PluginHost.Engine.Observation;

namespace PluginHost.Engine.Plugins;

/// <summary>
/// Counts the calls of one plugin instance and how long they took, by operation, whether telemetry is exported or not. A call costs two
/// increments; memory is bounded. Thread-safe.
/// </summary>
internal sealed class CallStatistics
{
    private readonly Operation?[] _operations = new Operation[HostOperation.All.Count];

    /// <summary>Records a call that has ended.</summary>
    public void Add(HostOperation operation, TimeSpan took, bool isFailure)
    {
        var counted = Volatile.Read(ref _operations[operation.Index]) ?? Create(operation);
        counted.Add(took, isFailure);
    }

    /// <summary>What was counted of each operation that was called.</summary>
    public IReadOnlyList<CallCounts> ByOperation() =>
        [.. _operations.Select((o, i) => o?.Read(HostOperation.All[i])).OfType<CallCounts>()];

    /// <summary>What was counted of all operations together.</summary>
    public CallCounts All()
    {
        var all = new Operation();
        foreach (var counted in _operations.OfType<Operation>()) all.Add(counted);
        return all.Read(operation: null);
    }

    private Operation Create(HostOperation operation) =>
        Interlocked.CompareExchange(ref _operations[operation.Index], new Operation(), null) ?? _operations[operation.Index]!;

    /// <summary>A histogram of durations: four buckets to each doubling, from a microsecond to about four minutes.</summary>
    private sealed class Operation
    {
        private const int Doublings = 28;

        private readonly long[] _buckets = new long[Doublings * 4];
        private long _failures;

        public void Add(TimeSpan took, bool isFailure)
        {
            Interlocked.Increment(ref _buckets[BucketOf((long)took.TotalMicroseconds)]);
            if (isFailure) Interlocked.Increment(ref _failures);
        }

        public void Add(Operation other)
        {
            for (var i = 0; i < _buckets.Length; i++) _buckets[i] += Volatile.Read(ref other._buckets[i]);
            _failures += Volatile.Read(ref other._failures);
        }

        public CallCounts Read(HostOperation? operation)
        {
            var count = _buckets.Sum();
            return new CallCounts(operation, count, Volatile.Read(ref _failures), count == 0 ? null : Percentile(count - (count / 20)));
        }

        private TimeSpan Percentile(long rank)
        {
            var bucket = 0;
            for (var seen = _buckets[0]; seen < rank && bucket < _buckets.Length - 1; seen += _buckets[bucket]) bucket++;
            var (doubling, part) = (bucket / 4, bucket % 4);
            return TimeSpan.FromMicroseconds((1L << doubling) * (part + 5) / 4d);
        }

        private static int BucketOf(long microseconds)
        {
            if (microseconds < 1) return 0;
            var doubling = BitOperations.Log2((ulong)microseconds);
            if (doubling >= Doublings) return (Doublings * 4) - 1;
            return (doubling * 4) + (int)(((microseconds << 2) >> doubling) & 3);
        }
    }
}

/// <summary>What was counted of the calls of a plugin instance.</summary>
/// <param name="Operation">The operation; null for all.</param>
/// <param name="Count">How many calls have ended.</param>
/// <param name="Failures">How many of them failed.</param>
/// <param name="P95">What 95 % of them took at most, up to 25 % above; null without calls.</param>
internal sealed record CallCounts(HostOperation? Operation, long Count, long Failures, TimeSpan? P95);
