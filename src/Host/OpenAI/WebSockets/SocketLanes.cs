using PluginHost.Engine.Errors;
using PluginHost.Http.Errors;
using PluginHost.OpenAI.Errors;

namespace PluginHost.OpenAI.WebSockets;

/// <summary>
/// The lanes of a connection: responses of one lane come one after another in the order of their requests, those of different lanes at
/// the same time. Thread-safe.
/// </summary>
internal sealed class SocketLanes : IDisposable
{
    private const int MaxNamed = 32, MaxInProgress = 16, MaxWaiting = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Task> _last = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _places = new(MaxInProgress);
    private int _count;

    /// <summary>Does the work when all that was added to the lane before is done.</summary>
    /// <param name="lane">The lane; null for the one without a name.</param>
    /// <param name="work">Never throws.</param>
    /// <exception cref="ProblemException">400 or 429: there are too many lanes or requests.</exception>
    public void Add(string? lane, Func<Task> work)
    {
        lock (_lock)
        {
            var name = lane ?? "";
            if (lane is not null && !_last.ContainsKey(name) && _last.Keys.Count(static k => k.Length > 0) == MaxNamed)
                throw new ProblemException(OpenAIProblemTypes.StreamLimit, $"The connection has {MaxNamed} streams (stream_id), which is the limit. Use one of them, or open another connection.");
            if (_count == MaxInProgress + MaxWaiting)
                throw new ProblemException(HttpProblemTypes.TooManyRequests, $"{MaxWaiting} requests of the connection wait already. Send further ones when they are answered.") { RetryAfterSeconds = 1 };
            _count++;
            var before = _last.GetValueOrDefault(name, Task.CompletedTask);
            // Each response is a trace: it must not become part of the connection's, which may last for an hour.
            using (ExecutionContext.SuppressFlow()) _last[name] = Task.Run(() => DoAsync(before, work));
        }
    }

    /// <summary>Ends when all that was added so far is done.</summary>
    public Task WhenIdleAsync()
    {
        lock (_lock) return Task.WhenAll(_last.Values);
    }

    public void Dispose() => _places.Dispose();

    private async Task DoAsync(Task before, Func<Task> work)
    {
        await before;
        await _places.WaitAsync();
        try
        {
            await work();
        }
        finally
        {
            _places.Release();
            lock (_lock) _count--;
        }
    }
}
