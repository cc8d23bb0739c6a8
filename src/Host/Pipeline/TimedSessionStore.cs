using PluginHost.Sdk;

namespace PluginHost.Pipeline;

/// <summary>
/// A session store whose calls end at its entry's timeout, so that one that hangs does not keep a session busy for ever. What a
/// call that was left alone still does is unknown, as after a crash: a later save meets it as a conflict.
/// </summary>
internal sealed class TimedSessionStore(ISessionStore store, string name, TimeSpan timeout, TimeProvider time) : ISessionStore
{
    public bool Covers(IHistoryProvider history) => store.Covers(history);

    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) =>
        InTimeAsync(store.FindSessionsAsync(query, cancellationToken), cancellationToken);

    public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) =>
        InTimeAsync(store.FindRunsAsync(query, cancellationToken), cancellationToken);

    public ValueTask<long> CountSessionsAsync(string tenant, CancellationToken cancellationToken) =>
        InTimeAsync(store.CountSessionsAsync(tenant, cancellationToken), cancellationToken);

    public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) =>
        InTimeAsync(store.DeleteAsync(session, cancellationToken), cancellationToken);

    public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken)
    {
        var saving = store.SaveAsync(save, cancellationToken);
        return saving.IsCompletedSuccessfully ? saving : new(WaitAsync(saving.AsTask(), cancellationToken));
    }

    private ValueTask<T> InTimeAsync<T>(ValueTask<T> call, CancellationToken cancellationToken) =>
        call.IsCompletedSuccessfully ? call : new(WaitAsync(call.AsTask(), cancellationToken));

    private async Task<T> WaitAsync<T>(Task<T> call, CancellationToken cancellationToken)
    {
        await WaitAsync((Task)call, cancellationToken);
        return await call;
    }

    private async Task WaitAsync(Task call, CancellationToken cancellationToken)
    {
        try
        {
            await call.WaitAsync(timeout, time, cancellationToken);
        }
        catch (TimeoutException e) when (!call.IsCompleted)
        {
            Abandonable.Forget(call);
            throw new SessionStoreTimeoutException($"The session store '{name}' did not answer within {timeout} (Sessions:Store:Timeout).", e);
        }
    }
}
