using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Explain;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Runs.Transcripts;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains;

/// <summary>
/// One run, from its admission to its record: what was asked, where it runs, its session, and what it gathers on its way through
/// the chain. Plugins never see it. Written by the run's own flow only, except <see cref="Answers"/> and
/// <see cref="Failures"/>.
/// </summary>
internal sealed class RunContext(RunCommand command, RunHandle handle, ChainSet set, Chain chain)
{
    // Whether the run creates the session, and so holds a reservation of the tenant's quota until that is stored.
    private int _hasReservedSession;
    private List<CompletionStep>? _steps;
    private List<string>? _skipped;
    private List<ToolApprovalRequestContent>? _requests;
    private ConcurrentQueue<PluginException>? _failures;
    private (RunOutput Output, int Start, int End, RunResponse Response) _lastResponse;

    public RunCommand Command { get; } = command;

    public RunHandle Handle { get; } = handle;

    public ChainSet Set { get; } = set;

    public Chain Chain { get; } = chain;

    /// <summary>Keeps the steps of the run; null when nothing of it is stored, or the store keeps no journal.</summary>
    public RunJournal? Journal
    {
        get;
        init
        {
            field = value;
            value?.Run = Handle;
        }
    }

    /// <summary>Whether its turn on the session was taken before: runs that an earlier process began come before new ones.</summary>
    public bool HoldsTurn { get; init; }

    /// <summary>Ends when the journal has the run, and its callers know that it has begun; never with an error.</summary>
    public Task Opened { get; set; } = Task.CompletedTask;

    /// <summary>Gives up the first write to the journal, for a run that ends before the store has begun it; null for a run that need not be written first.</summary>
    public CancellationTokenSource? FirstWrite { get; set; }

    /// <summary>Whether that was given up, so that callers learn of the run when it is stored.</summary>
    public bool IsAnnouncedLate { get; set; }

    /// <summary>Whether the save at the end failed.</summary>
    public bool IsUnsaved { get; set; }

    /// <summary>Why the journal did not take the run; null when it did.</summary>
    public Exception? OpenError { get; set; }

    /// <summary>The run as it is now.</summary>
    public RunRecord Record => Handle.Record;

    /// <summary>The identity of the run for the observer; null without a listener.</summary>
    public ObservedRun? Observed { get; set; }

    // -- The session, since the script has opened it.

    /// <summary>The session's stored record; null when the session is new.</summary>
    public SessionRecord? SessionRecord { get; set; }

    /// <summary>What the chain sees of the session.</summary>
    public Session Session { get; set; } = null!;

    /// <summary>What is new in the caller's input.</summary>
    public IReadOnlyList<ChatMessage> Input { get; set; } = [];

    /// <summary>What the caller has seen before that.</summary>
    public TranscriptFingerprint Seen { get; set; } = TranscriptFingerprint.Empty;

    /// <summary>Calls of the caller's tools that the service has been waiting for since an earlier run.</summary>
    public IReadOnlyList<string> OpenServiceCalls { get; set; } = [];

    // -- The way through the chain.

    /// <summary>The request of the innermost stage that was entered: after a complete run, what the model was sent.</summary>
    public RunRequest? InnermostRequest { get; private set; }

    /// <summary>Records what the model is given; null when the run is not explained.</summary>
    public RunRecorder? Recorder { get; set; }

    /// <summary>Whether the run only shows what the model would be sent.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>What a recorded run was given, for a run that repeats it; null for all others.</summary>
    public RunReplay? Replay { get; init; }

    /// <summary>Results of finished tool calls, so that a cancelled tool loop does not lose them.</summary>
    public ToolAnswers Answers { get; } = new();

    /// <summary>What the model's client threw last, to tell its errors from a middleware's.</summary>
    public Exception? ModelError { get; set; }

    /// <summary>
    /// What ends the tool loop, and then the run: a refusal by a tool or what wraps one, or a journal that cannot be written. Null for
    /// nothing.
    /// </summary>
    public Exception? LoopError { get; set; }

    /// <summary>What the model got of the histories, and what was left out.</summary>
    public ContextUse ContextUse { get; } = new();

    /// <summary>The number of the model's answer that the tool loop works on, from 0.</summary>
    public int AnswerNumber { get; set; }

    /// <summary>
    /// Why the run only ends: the process that ran it was lost, and nothing may continue it. Its steps are reused, and it fails at the
    /// first one that is missing. Null for a run that may continue.
    /// </summary>
    public string? LostReason { get; init; }

    /// <summary>Whether the run only ends, as cancelled: its steps are reused, and it is cancelled at the first one that is missing.</summary>
    public bool EndsCancelled { get; init; }

    /// <summary>Whether no step is added that the journal does not have.</summary>
    public bool OnlyEnds => LostReason is not null || EndsCancelled;

    /// <summary>Whether the run can wait for approvals: its journal has all its steps, and its caller can find it again.</summary>
    public bool CanPark => Journal is { IsComplete: true } && Command.CanPark;

    /// <summary>The calls that need an approval and have no decision. The run is parked when all calls of the model's answer were looked at.</summary>
    public IReadOnlyList<ToolApprovalRequestContent> Requests => (IReadOnlyList<ToolApprovalRequestContent>?)_requests ?? [];

    /// <summary>
    /// The service's session id as far as it has settled. A model call with open calls of the caller's tools does not settle it:
    /// another run could not continue from there.
    /// </summary>
    public string? SettledServiceSessionId { get; private set; }

    /// <summary>The id with which the service waits for results of the caller's tools; null when it waits for none.</summary>
    public string? WaitingServiceSessionId { get; private set; }

    /// <summary>The plugins that were entered, in that order, with what they have to do when the outcome is final.</summary>
    public IReadOnlyList<CompletionStep> Steps => (IReadOnlyList<CompletionStep>?)_steps ?? [];

    /// <summary>The plugins that failed and were skipped.</summary>
    public IReadOnlyList<string> Skipped => (IReadOnlyList<string>?)_skipped ?? [];

    /// <summary>What failed without ending the run.</summary>
    public IReadOnlyCollection<PluginException> Failures => _failures ?? (IReadOnlyCollection<PluginException>)[];

    // -- The end.

    /// <summary>Messages that the run was given after its last call of the model.</summary>
    public IReadOnlyList<ChatMessage> LateInput { get; set; } = [];

    /// <summary>The source id of the plugin that failed the run; null when none did, and for failures of models.</summary>
    public string? FailedPlugin { get; private set; }

    public ChainOutcome Outcome { get; set; } = ChainOutcome.Completed;

    /// <summary>When the chain ended: the time of everything that is stored of the run.</summary>
    public DateTimeOffset EndedAt { get; set; }

    /// <summary>A plugin failed the run; the first one counts. After a failure of the model nothing is a plugin's fault: it may only have changed the exception.</summary>
    public void Blame(string sourceId)
    {
        if (ModelError is null) FailedPlugin ??= sourceId;
    }

    /// <summary>Begins the journal unless it has begun.</summary>
    public void OpenJournal()
    {
        if (Journal is not { IsOpen: false } journal) return;
        var attempt = new JournalEntry.Attempt(Record.Attempt, Handle.TraceParent);
        journal.BeginOnce(Record, SessionRecord is null ? CreateSessionRecord() : null, Command, attempt);
    }

    /// <summary>Keeps input that a caller gives. Begins the journal of a run that has none yet. Called beside the run's own flow.</summary>
    /// <returns>False when the journal takes no more, because the run is being saved.</returns>
    public ValueTask<bool> KeepAsync(RunInput input)
    {
        OpenJournal();
        return Journal!.WriteAsync(new JournalEntry.Input(input));
    }

    /// <summary>The run creates its session, unless the tenant has as many as it may.</summary>
    public async ValueTask ReserveSessionAsync()
    {
        if (Volatile.Read(ref _hasReservedSession) == 1) return;
        await Set.Quota.ReserveAsync(Command.Tenant, CancellationToken.None);
        Volatile.Write(ref _hasReservedSession, 1);
    }

    /// <summary>The session is stored, and counted as such, or will not be. Also called beside the run's own flow.</summary>
    public void ReleaseSession()
    {
        if (Interlocked.Exchange(ref _hasReservedSession, 0) == 1) Set.Quota.Release(Command.Tenant);
    }

    /// <summary>The first record of a new session.</summary>
    public SessionRecord CreateSessionRecord() => new() { Key = Record.Session, Version = 1, CreatedAt = Session.CreatedAt, UpdatedAt = Session.CreatedAt };

    /// <summary>Records what is known of the model when the run enters its chain.</summary>
    public void RecordModel()
    {
        if (Recorder is not { } recorder) return;
        recorder.Window = Chain.Budget.Window.Read();
        recorder.Parameters = Chain.Client.GetService<IRequestWriter>()?.Defaults;
    }

    /// <summary>The run enters a stage.</summary>
    public void Enter(string? plugin, StageKind kind, RunRequest request, string? fingerprint = null)
    {
        InnermostRequest = request;
        Recorder?.Enter(plugin, kind, request, InputMessages.In(request), fingerprint);
    }

    public void AddStep(CompletionStep step) => (_steps ??= []).Add(step);

    public void Request(ToolApprovalRequestContent request) => (_requests ??= []).Add(request);

    public void Skip(string sourceId)
    {
        if (_skipped?.Contains(sourceId) != true) (_skipped ??= []).Add(sourceId);
    }

    /// <summary>The run continues without a plugin that failed.</summary>
    public void Skip(PluginException failure)
    {
        Skip(failure.SourceId);
        AddFailure(failure);
    }

    /// <summary>Keeps what failed without ending the run. Tools may fail side by side.</summary>
    public void AddFailure(PluginException failure) =>
        (_failures ?? Interlocked.CompareExchange(ref _failures, new(), null) ?? _failures).Enqueue(failure);

    /// <summary>A model call ended and the service gave an id.</summary>
    public void SetServiceSession(string id, bool hasOpenCalls) =>
        (SettledServiceSessionId, WaitingServiceSessionId) = hasOpenCalls ? (SettledServiceSessionId, id) : (id, null);

    /// <summary>The service's session id as the run leaves it; null when the host's own history holds the session.</summary>
    public string? FinalServiceSessionId()
    {
        var before = Session.ServiceSessionId;
        if (Outcome.Outcome == RunOutcome.Failed) return before;
        // A session that the service keeps continues even from calls that wait for the caller: only the service has what was said.
        return before is null ? SettledServiceSessionId : WaitingServiceSessionId ?? SettledServiceSessionId ?? before;
    }

    /// <summary>The response as it passed one place; the same object for places with nothing between them. Not for plugins.</summary>
    public RunResponse ResponseAt(RunOutput output, int start, int end)
    {
        if (_lastResponse.Output != output || _lastResponse.Start != start || _lastResponse.End != end)
            _lastResponse = (output, start, end, new RunResponse(output.Written, start, end));
        return _lastResponse.Response;
    }
}
