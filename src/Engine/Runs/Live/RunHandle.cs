using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Live;

/// <summary>A run that was accepted: queued, running or ended. Thread-safe.</summary>
internal sealed class RunHandle
{
    // Null when it was accepted and has ended.
    private TaskCompletionSource? _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Who waits continues on the run's thread, which has nothing else to do: a hop would cost as much as the end of a short run.
    private readonly TaskCompletionSource<RunRecord> _completion = new();
    private readonly CancellationTokenSource _cancellation = new();
    private readonly object? _startedBy;
    private readonly bool _cancelOnDisconnect;
    private RunRecord _record;
    private bool _timedOut;
    private bool _isLeft;
    private bool _isParked;
    private bool _hasLostSession;
    private bool _isAnnounced;
    private int _isReported;
    private int _callers = 1;
    private KeyedCounter<string>? _countedIn;

    // While the run waits for its turn: what ends it for its callers, and after a cancellation the task of that. A run that does not wait pays one field.
    private object? _waiting;

    internal RunHandle(RunRecord record, RunCommand? command, bool cancelOnDisconnect)
    {
        _record = record;
        _startedBy = command?.Identity;
        (Input, User) = (command?.Input, command?.NamedUser);
        _cancelOnDisconnect = cancelOnDisconnect;
        Inbox = new RunInbox(record.Id);
    }

    /// <summary>The run as it is now.</summary>
    public RunRecord Record => Volatile.Read(ref _record);

    /// <summary>Ends with the run: the record's status tells how it went. Fails only when the host stops and leaves the run to the next process.</summary>
    public Task<RunRecord> Completion => _completion.Task;

    /// <summary>What is new in the run's input, until it has ended: then the history has it. Null for nothing.</summary>
    public IReadOnlyList<ChatMessage>? Input { get; internal set => Volatile.Write(ref field, value); }

    /// <summary>The user that the caller named; null for none, and for a run of an earlier process until its journal is read.</summary>
    public string? User { get; internal set => Volatile.Write(ref field, value); }

    /// <summary>The W3C traceparent of the run; null while it has none, and when it is not traced.</summary>
    internal string? TraceParent { get; set; }

    /// <summary>What the model's server said of its limits with the last call; null for nothing.</summary>
    public ModelLimits? ModelLimits { get; set => Volatile.Write(ref field, value); }

    /// <summary>Whether the next process can continue the run, so that a stop of the host need not cancel it.</summary>
    internal bool CanBeLeft { get; set; }

    /// <summary>Whether the host stops and leaves the run to the next process.</summary>
    internal bool IsLeft => Volatile.Read(ref _isLeft);

    /// <summary>Whether the run waits for approvals. It has ended for those who wait for it, and another handle continues it.</summary>
    internal bool IsParked => Volatile.Read(ref _isParked);

    /// <summary>Ends when the run has its turn again, which it gave up before it began; null when it did not.</summary>
    internal Task? NextTurn { get; set => Volatile.Write(ref field, value); }

    /// <summary>Whether another host has the run's session, and may have the run itself. Then this end of it is not kept.</summary>
    internal bool IsElsewhere { get; set; }

    /// <summary>Learns when the run begins and ends; null for a run that has ended before.</summary>
    internal HostEvents? Events { get; set; }

    /// <summary>Where the run counts as one of its tenant's until it ends; null when it is not counted.</summary>
    internal KeyedCounter<string>? CountedIn { set => _countedIn = value; }

    /// <summary>Whether nothing of the run stays behind.</summary>
    public bool IsStateless { get; internal init; }

    /// <summary>What callers give to the run while it is in progress.</summary>
    internal RunInbox Inbox { get; private set; }

    /// <summary>Whether only readers who ask for its events can know how its output was cut.</summary>
    internal bool GivesEndAlone { get; init; }

    /// <summary>What callers get of the run while it is in progress.</summary>
    internal RunDelivery Delivery { get; } = new();

    /// <summary>Ends when the run's turn has come and its session has been checked; fails when it is refused.</summary>
    internal Task Accepted => _accepted?.Task ?? Task.CompletedTask;

    /// <summary>Cancelled by the caller, or when the run has taken too long.</summary>
    internal CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Whether the run was cancelled before it ran into its timeout.</summary>
    internal bool IsCancelled => _cancellation.IsCancellationRequested && !Volatile.Read(ref _timedOut);

    internal bool IsTimedOut => Volatile.Read(ref _timedOut);

    /// <summary>
    /// The run's events after <paramref name="afterId"/> (0 for all), those of the past first, to the last one. Cancelling the
    /// token stops the reading, not the run.
    /// </summary>
    public IAsyncEnumerable<RunEvent> ReadEventsAsync(long afterId, CancellationToken cancellationToken) =>
        Delivery.ReadAsync(afterId, cancellationToken);

    /// <summary>Whether this very command began the run; otherwise the run existed under its idempotency key.</summary>
    public bool WasStartedBy(RunCommand command) => ReferenceEquals(_startedBy, command.Identity);

    /// <summary>The number of the claim of its session that the run counts on; 0 for none.</summary>
    internal long Claim { get; set; }

    /// <summary>Whether another host has had the session since this run counts on it. The run is that host's, or of a later claim, and stores nothing more.</summary>
    internal bool HasLostSession => Volatile.Read(ref _hasLostSession);

    /// <summary>Another host has had the session: the run stops here.</summary>
    internal void LoseSession()
    {
        IsElsewhere = true;
        Volatile.Write(ref _hasLostSession, true);
        Cancel();
    }

    /// <summary>Leaves the run to the next process when it can continue it, otherwise cancels it.</summary>
    internal void Leave()
    {
        if (CanBeLeft) Volatile.Write(ref _isLeft, true);
        Cancel();
    }

    /// <summary>Ends the run for now, because calls of it need an approval.</summary>
    /// <returns>False when it ends otherwise: it was cancelled, or took too long.</returns>
    internal bool TryPark()
    {
        if (_cancellation.IsCancellationRequested) return false;
        Volatile.Write(ref _isParked, true);
        BoundedWait.Cancel(_cancellation);
        return true;
    }

    /// <summary>Asks the run to stop; it ends as cancelled unless it ended before.</summary>
    public void Cancel()
    {
        if (_completion.Task.IsCompleted) return;
        BoundedWait.Cancel(_cancellation);
        EndWaiting();
    }

    /// <summary>The run waits for its turn, and nothing else watches its cancellation.</summary>
    /// <param name="end">Ends it for its callers when it is cancelled meanwhile. Never fails.</param>
    internal void BeginWaiting(Func<RunHandle, Task> end)
    {
        Interlocked.Exchange(ref _waiting, end);
        if (_cancellation.IsCancellationRequested) EndWaiting();
    }

    /// <summary>The run has its turn. Ends when what a cancellation has begun before that has ended.</summary>
    internal Task StopWaitingAsync() => Interlocked.Exchange(ref _waiting, null) as Task ?? Task.CompletedTask;

    /// <summary>A caller's connection was lost: cancels the run when so configured and no other caller waits for it.</summary>
    public void Abandon()
    {
        if (Interlocked.Decrement(ref _callers) == 0 && _cancelOnDisconnect) Cancel();
    }

    /// <summary>A run that ended before, with the events that follow from its record.</summary>
    internal static RunHandle FromEnded(RunRecord record)
    {
        var handle = new RunHandle(record, command: null, cancelOnDisconnect: false);
        handle.Delivery.Begin(record);
        handle.Delivery.Replay(record.Outline is { } outline ? OutputOutline.Read(outline, record.Output) : new ChatResponse([.. record.Output]).ToChatResponseUpdates());
        handle.End(record);
        return handle;
    }

    /// <summary>About how many bytes of memory an ended run takes.</summary>
    internal long Measure() => RunMemory.Measure(Record) + Delivery.Measure();

    /// <summary>The run has ended, and is kept for callers who come back: drops what they do not need. A collection moves all that is kept.</summary>
    internal void Compact()
    {
        if (Inbox.IsUnused) Inbox = RunInbox.Ended;
        if (Accepted.IsCompletedSuccessfully) _accepted = null;
        Delivery.Compact(GivesEndAlone);
    }

    /// <summary>One more caller waits for the run.</summary>
    internal void Join() => Interlocked.Increment(ref _callers);

    /// <summary>The run's time is over.</summary>
    internal void TimeOut()
    {
        if (_cancellation.IsCancellationRequested) return;
        Volatile.Write(ref _timedOut, true);
        BoundedWait.Cancel(_cancellation);
    }

    /// <summary>The run for an observer.</summary>
    internal ObservedRun Observed() => ObservedRun.From(Record);

    /// <summary>The run has begun; its callers learn that with <see cref="Announce"/>.</summary>
    internal void Begin(RunRecord record)
    {
        // One that was cancelled before its turn has ended for all who watch it.
        if (!_completion.Task.IsCompleted) Volatile.Write(ref _record, record);
    }

    /// <summary>The run is in the queue of its session, and its caller need not wait.</summary>
    internal void Accept() => _accepted?.TrySetResult();

    /// <summary>Lets callers see that the run has begun, and what it has put out since.</summary>
    internal void Announce()
    {
        if (_completion.Task.IsCompleted) return;
        Inbox.Open();
        _isAnnounced = true;
        Events?.Publish(HostEvent.RunStarted.From(Record));
        Delivery.Begin(Record);
        _accepted?.TrySetResult();
    }

    /// <summary>The next process continues the run: those who wait for its end learn that they have to ask again.</summary>
    internal void EndLeft(Exception reason)
    {
        Uncount();
        _accepted?.TrySetException(reason);
        _ = Accepted.Exception;
        Delivery.Leave();
        _completion.TrySetException(reason);
        _ = _completion.Task.Exception;
    }

    internal void Refuse(Exception reason, RunRecord record)
    {
        IsElsewhere |= reason is SessionElsewhereException;
        _accepted?.TrySetException(reason);
        _ = Accepted.Exception;
        // What did not begin never was a run.
        if (!_isAnnounced) Volatile.Write(ref _isReported, 1);
        End(record);
    }

    /// <summary>The run was cancelled before its turn came: its callers need not wait for that. It is stored when the turn comes.</summary>
    internal void EndQueued(DateTimeOffset now)
    {
        if (!IsLeft && Record.Status == RunStatus.Queued && !_completion.Task.IsCompleted) End(Record with { Status = RunStatus.Cancelled, CompletedAt = now });
    }

    internal void End(RunRecord record)
    {
        Volatile.Write(ref _record, record);
        // It holds the command.
        (Inbox.Keep, Input) = (null, null);
        _accepted?.TrySetResult();
        if (Interlocked.Exchange(ref _isReported, 1) == 0) Report(record);
        Uncount();
        // Before the last event, whose reader ends its request at once: what that request holds until the end of the run is free then.
        _completion.TrySetResult(record);
        Delivery.End(record);
    }

    /// <summary>Before the end reaches callers: the next run of one who has it is not one too many.</summary>
    internal void Uncount() => Interlocked.Exchange(ref _countedIn, null)?.Remove(Record.Session.Tenant);

    private void EndWaiting()
    {
        // One that is left, or is another host's, does not end here.
        if (IsLeft || HasLostSession || Volatile.Read(ref _waiting) is not Func<RunHandle, Task> end) return;
        // It begins when the turn can no longer be taken without waiting for it.
        var work = new Task<Task>(() => end(this));
        if (Interlocked.CompareExchange(ref _waiting, work.Unwrap(), end) == (object)end) work.Start(TaskScheduler.Default);
    }

    /// <summary>Before the end reaches callers, so that they find it among the events.</summary>
    private void Report(RunRecord record)
    {
        if (Events is not { } events) return;
        // One that could not be parked has ended.
        if (!IsParked || record.CompletedAt is not null)
        {
            events.Publish(HostEvent.RunEnded.From(record));
            return;
        }

        foreach (var approval in ApprovalContent.In(record.Output).Where(a => a.Decision is null))
            events.Publish(new HostEvent.ApprovalRequested(record.Session, record.Id, record.Agent, approval.Id, approval.Call.Name) { ExpiresAt = approval.ExpiresAt });
    }
}
