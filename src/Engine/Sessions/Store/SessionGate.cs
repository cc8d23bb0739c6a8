using PluginHost.Engine.Calls;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>
/// Admits one run at a time to a session that this host has; others wait in order of arrival, or are refused. Each place is a use of the session.
/// Thread-safe.
/// </summary>
internal sealed class SessionGate(TimeProvider time, SessionClaims claims)
{
    private readonly KeyedLock<SessionKey> _lock = new();

    /// <summary>Enters a session; the caller must <see cref="Exit"/>.</summary>
    /// <param name="session">The session.</param>
    /// <param name="settings">Whether, how many and how long runs may wait.</param>
    /// <param name="run">The run that enters; null for work outside of runs.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="keepPlace">Once this is cancelled, the place is kept without a time limit: a cancelled run waits to be stored.</param>
    /// <exception cref="ProblemException">The session is busy, or was for too long, or too many wait.</exception>
    public ValueTask EnterAsync(
        SessionKey session, SessionsConfiguration settings, RunHandle? run, CancellationToken cancellationToken, CancellationToken keepPlace = default)
    {
        var claim = claims.UseAsync(session);
        return claim.IsCompletedSuccessfully
            ? EnterClaimed(claim.Result, session, settings, run, cancellationToken, keepPlace)
            : EnterAsync(claim, session, settings, run, cancellationToken, keepPlace);
    }

    /// <summary>Enters a session that is free, without waiting for others; the caller must <see cref="Exit"/>.</summary>
    /// <exception cref="SessionElsewhereException">Another host has it.</exception>
    public async ValueTask<bool> TryEnterAsync(SessionKey session, RunHandle? run = null)
    {
        CountOnClaim(session, run, await claims.UseAsync(session));
        if (_lock.TryEnter(session, run)) return true;
        claims.Unuse(session);
        return false;
    }

    /// <summary>The run whose turn it is; null when the session is free, or busy with something else.</summary>
    public RunHandle? FindRun(SessionKey session) => _lock.FindHolder(session) as RunHandle;

    /// <summary>Enters a session to store what was accepted, however many wait and however long it takes; the caller must <see cref="Exit"/>.</summary>
    /// <param name="session">The session.</param>
    /// <param name="run">The run that enters and takes its turn; null for work of one that has ended.</param>
    /// <exception cref="SessionElsewhereException">Another host has it.</exception>
    public async ValueTask EnterToStoreAsync(SessionKey session, RunHandle? run = null)
    {
        CountOnClaim(session, run, await claims.UseAsync(session));
        await _lock.EnterAsync(session, CancellationToken.None, run);
    }

    /// <summary>The same for a run of a session that the host is taking over.</summary>
    public ValueTask EnterTakenOverAsync(SessionKey session, RunHandle run)
    {
        claims.UseAgain(session);
        CountOnClaim(session, run, claims.ClaimOf(session));
        return _lock.EnterAsync(session, CancellationToken.None, run);
    }

    /// <summary>Enters a session to change what it has in progress, however many wait.</summary>
    /// <param name="session">The session.</param>
    /// <param name="change">The change; returns whether a run has taken over the turn.</param>
    public async ValueTask ChangeAsync(SessionKey session, Func<ValueTask<bool>> change)
    {
        await EnterToStoreAsync(session);
        await ExitUnlessTakenAsync(session, change);
    }

    /// <summary>The same inside of the turn of a run, which has it back before all who wait.</summary>
    public async ValueTask ChangeInTurnAsync(RunHandle run, Func<ValueTask<bool>> change)
    {
        var session = run.Record.Session;
        claims.UseAgain(session);
        var turn = _lock.LendAsync(session, run);
        try
        {
            await ExitUnlessTakenAsync(session, change);
        }
        finally
        {
            await turn;
        }
    }

    /// <summary>
    /// Lets a run enter its session again later, before those in the queue; the session stays this host's meanwhile. To be called inside of the turn of
    /// the run, which the caller must <see cref="Exit"/>, too.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="whenFree">Is given what takes the place, and calls it once.</param>
    public Task ReenterAsync(RunHandle run, Action<Action> whenFree)
    {
        var session = run.Record.Session;
        claims.UseAgain(session);
        var claim = claims.ClaimOf(session);
        var turn = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        whenFree(() =>
        {
            CountOnClaim(session, run, claim);
            turn.SetResult(_lock.EnterEarlyAsync(session, run));
        });
        return turn.Task.Unwrap();
    }

    /// <summary>The same without work: the run has its turn again before all who wait.</summary>
    public Task KeepTurnAsync(RunHandle run)
    {
        claims.UseAgain(run.Record.Session);
        return _lock.LendAsync(run.Record.Session, run);
    }

    /// <summary>Hands a session that was entered over to a run.</summary>
    public void HandOver(SessionKey session, RunHandle run)
    {
        CountOnClaim(session, run, claims.ClaimOf(session));
        _lock.SetHolder(session, run);
    }

    public void Exit(SessionKey session)
    {
        _lock.Exit(session);
        claims.Unuse(session);
    }

    private void CountOnClaim(SessionKey session, RunHandle? run, long claim)
    {
        if (run is null) return;
        run.Claim = claim;
        // Lost since it was granted: the run was not yet among those that were stopped.
        if (claims.IsLost(session, claim)) run.LoseSession();
    }

    private async ValueTask EnterAsync(
        ValueTask<long> claim, SessionKey session, SessionsConfiguration settings, RunHandle? run, CancellationToken cancellationToken, CancellationToken keepPlace) =>
        await EnterClaimed(await claim, session, settings, run, cancellationToken, keepPlace);

    private ValueTask EnterClaimed(
        long claim, SessionKey session, SessionsConfiguration settings, RunHandle? run, CancellationToken cancellationToken, CancellationToken keepPlace)
    {
        CountOnClaim(session, run, claim);
        if (settings.Busy == BusyPolicy.Reject)
        {
            if (_lock.TryEnter(session, run)) return default;
            claims.Unuse(session);
            throw Busy(session, "is busy with another run, and 'busy' of the request or Sessions:Busy is 'reject'");
        }

        if (!_lock.TryEnterOrQueue(session, settings.QueueLimit, out var waiter, run))
        {
            claims.Unuse(session);
            throw Full(session, settings.QueueLimit);
        }

        return waiter is null ? default : new ValueTask(WaitAsync(session, waiter, settings.QueueTimeout, cancellationToken, keepPlace));
    }

    private async ValueTask ExitUnlessTakenAsync(SessionKey session, Func<ValueTask<bool>> change)
    {
        var isTaken = false;
        try
        {
            isTaken = await change();
        }
        finally
        {
            if (!isTaken) Exit(session);
        }
    }

    private async Task WaitAsync(
        SessionKey session, KeyedLock<SessionKey>.Waiter waiter, TimeSpan timeout, CancellationToken cancellationToken, CancellationToken keepPlace)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, keepPlace);
        try
        {
            await waiter.Turn.WaitAsync(timeout, time, either.Token);
        }
        catch (OperationCanceledException) when (keepPlace.IsCancellationRequested)
        {
            await waiter.Turn;
        }
        catch (OperationCanceledException)
        {
            GiveUp(session, waiter);
            throw;
        }
        catch (TimeoutException)
        {
            GiveUp(session, waiter);
            throw Busy(session, $"was busy with other runs for {timeout.TotalSeconds:0.#} s (Sessions:QueueTimeout)");
        }
    }

    private void GiveUp(SessionKey session, KeyedLock<SessionKey>.Waiter waiter)
    {
        waiter.GiveUp();
        claims.Unuse(session);
    }

    private static ProblemException Busy(SessionKey session, string why) =>
        new(ProblemTypes.SessionBusy, $"Session '{session.Id}' {why}. Try again later.") { RetryAfterSeconds = 1 };

    private static ProblemException Full(SessionKey session, int limit) =>
        new(ProblemTypes.SessionQueueFull, $"Session '{session.Id}' has {limit} runs waiting, which is the limit (Sessions:QueueLimit). Try again later.")
        {
            RetryAfterSeconds = 1,
        };
}
