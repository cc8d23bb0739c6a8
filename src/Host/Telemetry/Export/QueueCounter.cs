namespace PluginHost.Telemetry.Export;

/// <summary>Counts the items in the queue of a signal, which the OpenTelemetry SDK does not tell. Thread-safe.</summary>
internal sealed class QueueCounter
{
    private long _added;
    private long _taken;

    public long Count => Math.Max(0, Volatile.Read(ref _added) - Volatile.Read(ref _taken));

    public void Add() => Interlocked.Increment(ref _added);

    /// <summary>Items left the queue, or found no room in it.</summary>
    public void Take(long items) => Interlocked.Add(ref _taken, items);
}
