namespace PluginHost.Engine.Errors;

/// <summary>The catalog of refusals of the engine. It knows no transport: each interface has a table over it.</summary>
internal static class ProblemTypes
{
    public static readonly ProblemType InvalidRequest = new("invalid-request", "something is wrong with the request; `errors` lists all of it");
    public static readonly ProblemType NothingNew = new("nothing-new", "the input repeats the session and adds nothing");
    public static readonly ProblemType ToolResultMissing = new("tool-result-missing", "a call is open and the input has no result for it (OpenAI's interface only)");
    public static readonly ProblemType AgentNotFound = new("agent-not-found", "there is no such agent");
    public static readonly ProblemType SessionNotFound = new("session-not-found", "there is no such session");
    public static readonly ProblemType RunNotFound = new("run-not-found", "there is no such run in the session");
    public static readonly ProblemType ApprovalNotFound = new("approval-not-found", "there is no such approval, or its run has failed or was deleted");
    public static readonly ProblemType TraceNotKept = new("trace-not-kept", "no trace is kept of the run, or there is no such run; `detail` says why");
    public static readonly ProblemType ExplanationNotKept = new("explanation-not-kept", "what the model was given in the run is not kept; `detail` says why");
    public static readonly ProblemType SearchNotSupported = new("search-not-supported", "the session store finds no runs over all sessions");
    public static readonly ProblemType SessionExists = new("session-exists", "the id is taken");
    public static readonly ProblemType SessionBusy = new("session-busy", "another run is in the session (`Sessions:Busy`), or was for longer than `Sessions:QueueTimeout`");
    public static readonly ProblemType RunQueued = new("run-queued", "the run waits for its turn and takes no messages yet: try again when it has begun");
    public static readonly ProblemType RunEnded = new("run-ended", "the run has ended, or calls its model no more, and takes no messages: start another run with them");
    public static readonly ProblemType RunParked = new("run-parked", "the run waits for an approval and takes no messages meanwhile: decide it first");
    public static readonly ProblemType RunInputFull = new("run-input-full", "the run was given as many messages as it may be (`Sessions:MaxInputMessages`): start another run with them");
    public static readonly ProblemType ApprovalPending = new("approval-pending", "a run of the session waits for an approval; `detail` names it");
    public static readonly ProblemType ApprovalDecided = new("approval-decided", "the call was approved or refused already, or its time is over");
    public static readonly ProblemType ApprovalMismatch = new("approval-mismatch", "the approval is for another call, or for other arguments");
    public static readonly ProblemType VersionConflict = new("version-conflict", "another host changed the session meanwhile");
    public static readonly ProblemType TranscriptDiverged = new("transcript-diverged", "the input begins like the session and then differs from it, or repeats answers of it with a hole");
    public static readonly ProblemType HistoryChanged = new("history-changed", "the session's messages are in a history that the agent's chain does not load from");
    public static readonly ProblemType ServiceSession = new("service-session", "the model's service keeps the history, so it can be neither forked nor changed here");
    public static readonly ProblemType RunNotLast = new("run-not-last", "the session has gone on from the run, or is busy (inside OpenAI's interface only, which then makes a branch)");
    public static readonly ProblemType ServiceSessionMismatch = new("service-session-mismatch", "the model's service keeps the history, and the agent uses another client");
    public static readonly ProblemType VersionMismatch = new("version-mismatch", "`If-Match` does not name the session's version");
    public static readonly ProblemType StateTooLarge = new("state-too-large", "the state is larger than `Sessions:MaxStateBytes`");
    public static readonly ProblemType ConfigurationInvalid = new("configuration-invalid", "a reload found errors; `errors` lists them");
    public static readonly ProblemType NothingToRollBack = new("nothing-to-roll-back", "no earlier generation is kept (`PluginLoading:KeepPrevious`)");
    public static readonly ProblemType BackupRefused = new("backup-refused", "another backup is in progress, or a store cannot be backed up; `detail` says which");
    public static readonly ProblemType IdempotencyKeyReused = new("idempotency-key-reused", "the key was used with another request");
    public static readonly ProblemType TooManyRuns = new("too-many-runs", "the tenant has `Sessions:MaxConcurrentRuns` runs waiting or running");
    public static readonly ProblemType TooManySessions = new("too-many-sessions", "the tenant has `Sessions:MaxSessions` sessions");
    public static readonly ProblemType SessionQueueFull = new("session-queue-full", "`Sessions:QueueLimit` runs wait already");
    public static readonly ProblemType RunRefused = new("run-refused", "a plugin refused the run; `code` says why. With `Retry-After` and 429 when a later request may succeed");
    public static readonly ProblemType ContextLengthExceeded = new("context-length-exceeded", "the input does not fit the model, even without the session's history; `detail` has what the model's server says");
    public static readonly ProblemType RunFailed = new("run-failed", "a run failed; see below");
    public static readonly ProblemType InternalError = new("internal-error", "the host or a plugin failed; the log has the cause under `trace_id`, or under the run's id that `detail` names");
    public static readonly ProblemType DeleteIncomplete = new("delete-incomplete", "a plugin could not delete its part; delete again");
    public static readonly ProblemType SessionElsewhere = new("session-elsewhere", "another host has the session and cannot be reached; `detail` says which");
    public static readonly ProblemType ShuttingDown = new("shutting-down", "the host takes no new runs");
    public static readonly ProblemType StorageUnavailable = new("storage-unavailable", "a store cannot be read or written; `detail` has the cause and the cure. With `run_id` when a run failed for it");

    /// <summary>Whether the host, a store or another plugin failed, so that nothing was refused.</summary>
    public static bool IsFailure(ProblemType type) => type == StorageUnavailable || type == InternalError || type == DeleteIncomplete;
}
