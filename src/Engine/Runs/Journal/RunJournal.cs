using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Journal;

/// <summary>
/// The journal of one run. It costs nothing until it begins: with the run itself when its caller learns its id before the end, otherwise
/// with the first call of a tool. Steps are written in order, several in one write. Thread-safe: tools may run side by side.
/// </summary>
internal sealed class RunJournal(SessionStoreClient store, ObservedRun observed, TimeProvider time, ILogger logger)
{
    /// <summary>How long delivered text may wait to be written.</summary>
    public static readonly TimeSpan TextDelay = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private KeyedLock<int>? _turn;
    private List<ReadOnlyMemory<byte>>? _pending;
    private List<ChatResponseUpdate>? _text;
    private ITimer? _timer;
    private RunRecord? _record;
    private SessionRecord? _newSession;
    private int _durable;
    private int _delivered;
    private bool _isIncomplete;
    private volatile bool _isOff;
    private volatile bool _isClosed;

    /// <summary>What earlier attempts recorded; null for the first attempt.</summary>
    public RecordedRun? Recorded { get; private init; }

    /// <summary>Whether the store may have the run.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether the store has confirmed that it has the run.</summary>
    public bool IsDurable { get; private set; }

    /// <summary>Whether it takes steps and has taken all so far, so that a later attempt can continue from them.</summary>
    public bool IsComplete => !_isOff;

    /// <summary>The session that the journal created; null when it created none.</summary>
    public SessionRecord? CreatedSession { get; private set; }

    /// <summary>The run; null for one that only reads its journal.</summary>
    public RunHandle? Run { get; set; }

    /// <summary>Called when the session that the run creates is stored.</summary>
    public Action? SessionStored { get; set; }

    /// <summary>Reads the journal of a run that an earlier attempt left open.</summary>
    /// <exception cref="JournalException">A step cannot be read, or is of a kind that this version does not know.</exception>
    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public static async ValueTask<RunJournal> ResumeAsync(
        SessionStoreClient store, RunRecord run, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var recorded = RecordedRun.Read(await store.ReadStepsAsync(run.Session, run.Id, cancellationToken));
        return new(store, ObservedRun.From(run), time, logger)
        {
            Recorded = recorded,
            IsOpen = true,
            IsDurable = true,
            _turn = new KeyedLock<int>(),
            _pending = [],
            _durable = recorded.Steps,
            _delivered = recorded.Delivered.Count,
        };
    }

    /// <summary>Begins with what was asked. Nothing is written before <see cref="FlushAsync"/>.</summary>
    /// <param name="run">The record.</param>
    /// <param name="newSession">The session to create with it; null when it exists.</param>
    /// <param name="command">The command.</param>
    public void Begin(RunRecord run, SessionRecord? newSession, RunCommand command)
    {
        lock (_lock)
        {
            (IsOpen, _record, _newSession, _durable) = (true, run, newSession, 0);
            _turn ??= new KeyedLock<int>();
            (_pending ??= []).Clear();
        }

        Add(new JournalEntry.Command(command));
    }

    /// <summary>The same unless it has begun or takes no more: input may come beside the run's own flow.</summary>
    public void BeginOnce(RunRecord run, SessionRecord? newSession, RunCommand command, JournalEntry.Attempt attempt)
    {
        lock (_lock)
        {
            if (IsOpen || _isClosed) return;
            Begin(run, newSession, command);
            Add(attempt);
        }
    }

    /// <summary>Replaces the record with the next write.</summary>
    public void SetRecord(RunRecord run)
    {
        lock (_lock) _record = run;
    }

    /// <summary>Adds a step to the next write.</summary>
    public void Add(JournalEntry entry) => TryAdd(entry);

    /// <summary>Adds the call of a tool to the next write. When the journal takes no more, it says that calls are missing.</summary>
    public void AddCall(JournalEntry.Call call)
    {
        if (TryAdd(call) is not null) return;
        lock (_lock)
        {
            if (_isIncomplete || _isClosed) return;
            _isIncomplete = true;
            _pending!.Add(JournalDocument.Write(new JournalEntry.Incomplete()));
        }
    }

    /// <summary>Adds a step, and writes it with all that were added before.</summary>
    /// <returns>Whether the step is durable; false when the journal takes no more.</returns>
    /// <exception cref="SessionStoreException">The store failed or took too long. A later flush writes the same again.</exception>
    public async ValueTask<bool> WriteAsync(JournalEntry entry)
    {
        if (TryAdd(entry) is not { } document) return false;
        await FlushAsync();
        lock (_lock) return !_pending!.Contains(document);
    }

    /// <summary>Text was delivered to the caller. It is written within <see cref="TextDelay"/>.</summary>
    public void AddDelivered(ChatResponseUpdate update)
    {
        if (_isOff) return;
        lock (_lock)
        {
            (_text ??= []).Add(update);
            if (_text.Count > 1) return;
            _timer ??= time.CreateTimer(static state => _ = ((RunJournal)state!).TryFlushAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(TextDelay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Writes all that was added before. It is durable when this returns.</summary>
    /// <param name="givenUp">Gives the write up when the store has not begun it.</param>
    /// <returns>False when it was given up.</returns>
    /// <exception cref="SessionStoreException">The store failed or took too long. A later flush writes the same again.</exception>
    public async ValueTask<bool> FlushAsync(CancellationToken givenUp = default)
    {
        if (_turn is not { } turn || _isClosed) return true;
        await turn.EnterAsync(0, CancellationToken.None);
        try
        {
            // It may have been closed meanwhile: a late step must not open the run again.
            if (_isClosed) return true;
            TakeText();
            return TakeWrite() is not { } write || await WriteAsync(write, givenUp);
        }
        finally
        {
            turn.Exit(0);
        }
    }

    /// <summary>The same for steps that the run does not depend on: a failure is logged, and a later flush tries again.</summary>
    public async Task TryFlushAsync()
    {
        try
        {
            await FlushAsync();
        }
        catch (Exception e)
        {
            Log.JournalNotWritten(logger, observed.RunId, LoggableError.From(e));
        }
    }

    /// <summary>No more is written: the save of the session ends the run. Waits for a write in progress.</summary>
    public async ValueTask CloseAsync()
    {
        lock (_lock) _isOff = _isClosed = true;
        _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (_turn is not { } turn) return;
        await turn.EnterAsync(0, CancellationToken.None);
        turn.Exit(0);
    }

    /// <returns>The document of the step; null when the journal takes no more.</returns>
    private ReadOnlyMemory<byte>? TryAdd(JournalEntry entry)
    {
        if (_isOff) return null;
        try
        {
            var document = JournalDocument.Write(entry);
            lock (_lock) _pending!.Add(document);
            return document;
        }
        catch (NotSupportedException e)
        {
            // As without a journal: the record of the run will meet the same object.
            _isOff = true;
            Log.StepNotWritten(logger, observed.RunId, e.Message);
            return null;
        }
    }

    private void TakeText()
    {
        List<ChatResponseUpdate> text;
        int first;
        lock (_lock)
        {
            if (_text is not { Count: > 0 }) return;
            (text, _text) = (_text, null);
            first = _delivered;
            _delivered += text.Count;
        }

        Add(new JournalEntry.Output(first, text));
    }

    private JournalWrite? TakeWrite()
    {
        lock (_lock)
        {
            if (_record is null && _pending!.Count == 0) return null;
            return new JournalWrite { Session = observed.Session, RunId = observed.RunId, Run = _record, NewSession = _newSession, FirstStep = _durable, Steps = [.. _pending!] };
        }
    }

    private async ValueTask<bool> WriteAsync(JournalWrite write, CancellationToken givenUp)
    {
        var createsSession = write.NewSession is not null;
        try
        {
            if (!await store.WriteAsync(write, observed, Run, givenUp)) return false;
        }
        catch (SessionConflictException) when (write.NewSession is not null)
        {
            // Another run has created it meanwhile.
            write = write with { NewSession = null };
            if (!await store.WriteAsync(write, observed, Run, givenUp)) return false;
        }

        lock (_lock)
        {
            IsDurable = true;
            CreatedSession ??= write.NewSession;
            _newSession = null;
            if (ReferenceEquals(_record, write.Run)) _record = null;
            _pending!.RemoveRange(0, write.Steps.Count);
            _durable += write.Steps.Count;
        }

        if (createsSession) SessionStored?.Invoke();
        return true;
    }
}
