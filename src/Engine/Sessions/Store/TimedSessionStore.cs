using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>
/// A session store whose calls end at its entry's timeout, so that one that hangs does not keep a session busy for ever, and whose
/// failures all look alike. What a call that was left alone still does is unknown, as after a crash: a later save meets it as a
/// conflict.
/// </summary>
internal sealed class TimedSessionStore(ISessionStore store, string name, TimeSpan timeout, TimeProvider time) : ISessionStore
{
    public bool Covers(IHistoryProvider history) => store.Covers(history);

    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) =>
        InTimeAsync(query, static (store, query, ct) => store.FindSessionsAsync(query, ct), cancellationToken);

    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) =>
        InTimeAsync(query, static (store, query, ct) => store.FindRunsAsync(query, ct), cancellationToken);

    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask<long> CountSessionsAsync(string tenant, CancellationToken cancellationToken) =>
        InTimeAsync(tenant, static (store, tenant, ct) => store.CountSessionsAsync(tenant, ct), cancellationToken);

    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) =>
        InTimeAsync(session, static (store, session, ct) => store.DeleteAsync(session, ct), cancellationToken);

    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken)
    {
        try
        {
            var saving = store.SaveAsync(save, cancellationToken);
            return saving.IsCompletedSuccessfully ? saving : new(WaitAsync(saving.AsTask(), cancellationToken));
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw SessionStoreException.Failed(name, e);
        }
    }

    private ValueTask<T> InTimeAsync<TArgument, T>(
        TArgument argument, Func<ISessionStore, TArgument, CancellationToken, ValueTask<T>> begin, CancellationToken cancellationToken)
    {
        try
        {
            var call = begin(store, argument, cancellationToken);
            return call.IsCompletedSuccessfully ? call : new(WaitAsync(call.AsTask(), cancellationToken));
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw SessionStoreException.Failed(name, e);
        }
    }

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
            BoundedWait.Forget(call);
            throw SessionStoreException.TimedOut(name, timeout, e);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw SessionStoreException.Failed(name, e);
        }
    }

    /// <summary>A conflict is an answer, and a cancelled call is its caller's.</summary>
    private static bool IsFailure(Exception e) => e is not (SessionConflictException or OperationCanceledException);
}
