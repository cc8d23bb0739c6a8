using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Admin;

/// <summary>
/// Lets one run at a time into a session; others wait in order of arrival, or are refused. A session that nobody is in costs
/// nothing. Thread-safe.
/// </summary>
internal sealed class SessionGate(TimeProvider time)
{
    private readonly Lock _lock = new();

    // A key stands for a session that somebody is in; its value holds those who wait, when there are any.
    private readonly Dictionary<SessionKey, LinkedList<TaskCompletionSource>?> _sessions = [];

    /// <summary>Enters a session. Who has entered must <see cref="Exit"/>.</summary>
    /// <param name="session">The session.</param>
    /// <param name="settings">Whether, how many and how long runs may wait.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <param name="patient">Once this is cancelled, the place is kept however long it takes: a cancelled run waits to be stored.</param>
    /// <exception cref="ProblemException">409 when the session is busy or was so for too long; 429 when too many wait.</exception>
    public ValueTask EnterAsync(
        SessionKey session, SessionsConfiguration settings, CancellationToken cancellationToken, CancellationToken patient = default)
    {
        LinkedListNode<TaskCompletionSource> place;
        lock (_lock)
        {
            if (_sessions.TryAdd(session, null)) return default;
            if (!settings.QueueWhenBusy) throw Busy(session, "is busy with another run, and Sessions:Busy is 'reject'");
            var waiting = _sessions[session] ??= [];
            if (waiting.Count >= settings.QueueLimit)
                throw new ProblemException(ProblemTypes.SessionQueueFull, $"Session '{session.Id}' has {waiting.Count} runs waiting, which is the limit (Sessions:QueueLimit). Try again later.")
                {
                    RetryAfterSeconds = 1,
                };
            place = waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        return new ValueTask(WaitAsync(session, place, settings.QueueTimeout, cancellationToken, patient));
    }

    /// <summary>Enters a session that nobody is in, without waiting. Who has entered must <see cref="Exit"/>.</summary>
    public bool TryEnter(SessionKey session)
    {
        lock (_lock) return _sessions.TryAdd(session, null);
    }

    public void Exit(SessionKey session)
    {
        lock (_lock)
        {
            if (_sessions[session] is { First: { } next } waiting)
            {
                waiting.RemoveFirst();
                next.Value.SetResult();
            }
            else
            {
                _sessions.Remove(session);
            }
        }
    }

    private async Task WaitAsync(
        SessionKey session,
        LinkedListNode<TaskCompletionSource> place,
        TimeSpan timeout,
        CancellationToken cancellationToken,
        CancellationToken patient)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patient);
        try
        {
            await place.Value.Task.WaitAsync(timeout, time, either.Token);
        }
        catch (OperationCanceledException) when (patient.IsCancellationRequested)
        {
            await place.Value.Task;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            GiveUp(session, place);
            if (e is OperationCanceledException) throw;
            throw Busy(session, $"was busy with other runs for {timeout.TotalSeconds:0.#} s (Sessions:QueueTimeout)");
        }
    }

    private void GiveUp(SessionKey session, LinkedListNode<TaskCompletionSource> place)
    {
        lock (_lock)
        {
            if (place.List is { } waiting)
            {
                waiting.Remove(place);
                return;
            }
        }

        // The turn came in the same moment: pass it on.
        Exit(session);
    }

    private static ProblemException Busy(SessionKey session, string why) =>
        new(ProblemTypes.SessionBusy, $"Session '{session.Id}' {why}. Try again later.") { RetryAfterSeconds = 1 };
}
