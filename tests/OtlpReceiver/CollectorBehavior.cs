using Microsoft.AspNetCore.Http;

namespace PluginHost.Testing;

/// <summary>The current behavior of a collector. Thread-safe.</summary>
internal sealed class CollectorBehavior
{
    private int _requests;
    private volatile State _state = new(Status: 200, Breaks: false, Held: null);

    /// <summary>How many spans of each batch it says that it rejected.</summary>
    public int RejectedSpans { get; set; }

    public int Requests => Volatile.Read(ref _requests);

    public void Hold() => Change(new(200, false, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));

    public void Refuse(int status) => Change(new(status, false, null));

    public void Break() => Change(new(200, true, null));

    public void Recover() => Change(new(200, false, null));

    public async Task ApplyAsync(HttpContext context, RequestDelegate next)
    {
        Interlocked.Increment(ref _requests);
        if (_state.Held is { } held) await held.Task.WaitAsync(context.RequestAborted);
        var state = _state;
        if (state.Breaks) context.Abort();
        else if (state.Status != 200) context.Response.StatusCode = state.Status;
        else await next(context);
    }

    private void Change(State state)
    {
        var before = _state;
        _state = state;
        before.Held?.TrySetResult();
    }

    private sealed record State(int Status, bool Breaks, TaskCompletionSource? Held);
}
