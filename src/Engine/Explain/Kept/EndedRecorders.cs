using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Explain.Kept;

/// <summary>
/// Ended runs that wait until they are written in the background, one after another. They hold their messages, so their number and their
/// content are bounded. Thread-safe.
/// </summary>
/// <param name="settings">How many bytes of content they may hold.</param>
/// <param name="writeAsync">Writes one. Does not throw.</param>
internal sealed class EndedRecorders(ExplainConfiguration settings, Func<RunRecorder, ValueTask> writeAsync)
{
    private const int MaxCount = 256;

    private readonly Lock _lock = new();
    private readonly Queue<(RunRecorder Recorder, long Bytes)> _waiting = [];
    private readonly Dictionary<string, long> _bytesOf = new(StringComparer.Ordinal);
    private long _bytes;
    private bool _isWriting;
    private TaskCompletionSource? _written;

    /// <returns>False when too much waits already.</returns>
    public bool TryAdd(RunRecorder recorder, long bytes)
    {
        // One without content counts too.
        bytes = Math.Max(1, bytes);
        lock (_lock)
        {
            var ofTenant = _bytesOf.GetValueOrDefault(recorder.Session.Tenant);
            if (_waiting.Count >= MaxCount || (_bytes > 0 && _bytes + bytes > settings.Bytes) || (ofTenant > 0 && ofTenant + bytes > settings.TenantBytes)) return false;
            _waiting.Enqueue((recorder, bytes));
            _bytes += bytes;
            _bytesOf[recorder.Session.Tenant] = ofTenant + bytes;
            if (_isWriting) return true;
            _isWriting = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static waiting => _ = waiting.WriteAsync(), this, preferLocal: false);
        return true;
    }

    /// <summary>Waits until all are written, at most so long.</summary>
    public async Task FlushAsync(TimeSpan timeout, TimeProvider time)
    {
        Task written;
        lock (_lock)
        {
            if (!_isWriting) return;
            _written ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            written = _written.Task;
        }

        await Task.WhenAny(written, Task.Delay(timeout, time));
    }

    private async Task WriteAsync()
    {
        while (TryPeek(out var recorder, out var bytes))
        {
            await writeAsync(recorder);
            Remove(recorder.Session.Tenant, bytes);
        }
    }

    private bool TryPeek(out RunRecorder recorder, out long bytes)
    {
        lock (_lock)
        {
            var isFound = _waiting.TryPeek(out var next);
            (recorder, bytes) = next;
            if (isFound) return true;
            _isWriting = false;
            _written?.SetResult();
            _written = null;
            return false;
        }
    }

    private void Remove(string tenant, long bytes)
    {
        lock (_lock)
        {
            _waiting.Dequeue();
            _bytes -= bytes;
            if ((_bytesOf[tenant] -= bytes) == 0) _bytesOf.Remove(tenant);
        }
    }
}
