using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Calls;

/// <summary>
/// Where a middleware's <c>next</c> stands: it may be entered once, while the middleware runs, and a middleware has not ended
/// before what it entered has. Thread-safe.
/// </summary>
internal sealed class NextGuard
{
    private const int NotCalled = 0;
    private const int Inside = 1;
    private const int Ended = 2;
    private const int Closed = 3;

    private int _state;
    private TaskCompletionSource? _ended;

    public bool WasCalled { get; private set; }

    /// <summary>Whether what follows was called and gave a result.</summary>
    public bool HasReturned { get; private set; }

    /// <exception cref="InvalidOperationException">A second call, or one after the middleware has ended.</exception>
    public void Enter(string sourceId)
    {
        switch (Interlocked.CompareExchange(ref _state, Inside, NotCalled))
        {
            case Inside or Ended: throw new PluginContractException($"Plugin '{sourceId}' called next a second time; it may be called once.");
            case Closed: throw new PluginContractException($"Plugin '{sourceId}' called next after it had ended.");
        }

        WasCalled = true;
    }

    public void Leave(bool returned)
    {
        HasReturned = returned;
        if (Interlocked.CompareExchange(ref _state, Ended, Inside) == Closed) Volatile.Read(ref _ended)!.SetResult();
    }

    /// <summary>
    /// Closes the guard: later calls throw; a call in progress is cancelled and awaited, because the stages around it must not
    /// continue beside it.
    /// </summary>
    public async ValueTask CloseAsync(SelfTime own)
    {
        var state = Volatile.Read(ref _state);
        while (state != Closed)
        {
            if (state == Inside) _ended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var seen = Interlocked.CompareExchange(ref _state, Closed, state);
            if (seen == state) break;
            state = seen;
        }

        if (state != Inside) return;
        own.Cancel();
        await _ended!.Task;
    }
}
