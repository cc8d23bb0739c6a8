using PluginHost.Engine.Calls;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>Admits one run at a time to a session; others wait in order of arrival, or are refused. Thread-safe.</summary>
internal sealed class SessionGate(TimeProvider time)
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
        if (settings.Busy == BusyPolicy.Reject)
            return TryEnter(session, run) ? default : throw Busy(session, "is busy with another run, and 'busy' of the request or Sessions:Busy is 'reject'");
        if (!_lock.TryEnterOrQueue(session, settings.QueueLimit, out var waiter, run)) throw Full(session, settings.QueueLimit);
        return waiter is null ? default : new ValueTask(WaitAsync(session, waiter, settings.QueueTimeout, cancellationToken, keepPlace));
    }

    /// <summary>Enters a session that is free, without waiting; the caller must <see cref="Exit"/>.</summary>
    public bool TryEnter(SessionKey session, RunHandle? run = null) => _lock.TryEnter(session, run);

    /// <summary>The run whose turn it is; null when the session is free, or busy with something else.</summary>
    public RunHandle? FindRun(SessionKey session) => _lock.FindHolder(session) as RunHandle;

    /// <summary>Enters a session to store what was accepted, however many wait and however long it takes; the caller must <see cref="Exit"/>.</summary>
    /// <param name="session">The session.</param>
    /// <param name="run">The run that enters and takes its turn; null for work of one that has ended.</param>
    public ValueTask EnterToStoreAsync(SessionKey session, RunHandle? run = null) => _lock.EnterAsync(session, CancellationToken.None, run);

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

    /// <summary>Hands a session that was entered over to a run.</summary>
    public void HandOver(SessionKey session, RunHandle run) => _lock.SetHolder(session, run);

    public void Exit(SessionKey session) => _lock.Exit(session);

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
            waiter.GiveUp();
            throw;
        }
        catch (TimeoutException)
        {
            waiter.GiveUp();
            throw Busy(session, $"was busy with other runs for {timeout.TotalSeconds:0.#} s (Sessions:QueueTimeout)");
        }
    }

    private static ProblemException Busy(SessionKey session, string why) =>
        new(ProblemTypes.SessionBusy, $"Session '{session.Id}' {why}. Try again later.") { RetryAfterSeconds = 1 };

    private static ProblemException Full(SessionKey session, int limit) =>
        new(ProblemTypes.SessionQueueFull, $"Session '{session.Id}' has {limit} runs waiting, which is the limit (Sessions:QueueLimit). Try again later.")
        {
            RetryAfterSeconds = 1,
        };
}
