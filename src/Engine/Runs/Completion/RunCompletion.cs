using System.Collections.ObjectModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Completion;

/// <summary>
/// What happens when a run's outcome is final: appends and observers, last to first, then the save of session and run.
/// A required append or save that fails turns the run into a failed one. Stateless.
/// </summary>
internal sealed class RunCompletion(PluginCaller caller, ILogger logger)
{
    private const int MaxFailures = 20;

    private readonly CompletionRunner _steps = new(caller, logger);
    private readonly FailureLog _failures = new(caller.Time, logger);

    /// <summary>Never throws.</summary>
    public async ValueTask<RunRecord> CompleteAsync(RunContext run)
    {
        var output = run.Handle.Delivery.UpdatesBesideOutput is { } all
            ? ResponseOf(all)
            : run.ResponseAt(run.Handle.Delivery.Output, 0, run.Handle.Delivery.Output.Written.Count);
        run.EndedAt = caller.Time.GetUtcNow();
        // Before the steps, which log their failures themselves.
        _failures.Write(run);
        var result = new CompletionResult();
        // What is stored of a run whose session another host has had is that host's.
        if (run.Handle.HasLostSession) await _steps.ObserveAsync(run);
        else result = await _steps.RunAsync(run);
        if (run.Command.Stateless)
        {
            await _steps.ForgetAsync(run);
            return Record(run, output);
        }

        if (run.Journal is { } journal)
        {
            await journal.CloseAsync();
            run.SessionRecord ??= journal.CreatedSession;
        }

        var covered = result.Error is null ? result.Covered : CompletionRunner.CoveredAppends(run);
        var state = StateAfter(run);
        var record = RecordWithOutline(run, output);
        var save = new SessionSave
        {
            Session = Next(run, record, output, state),
            ExpectedVersion = run.SessionRecord?.Version ?? 0,
            Previous = run.SessionRecord,
            Run = record,
            EndsRun = run.Journal is { IsOpen: true },
            Appends = covered,
        };
        var error = await TrySaveAsync(run, save);
        if (error is not null && await FindCreatedAsync(run) is { } created)
        {
            run.SessionRecord = created;
            save = save with { Session = Next(run, record, output, StateAfter(run)), ExpectedVersion = created.Version, Previous = created };
            error = await TrySaveAsync(run, save);
        }

        var failed = error is { Type: ErrorTypes.Internal } && record.Output.Count > 0 ? await TrySaveWithoutOutputAsync(run, save, output, error) : null;
        (record, run.IsUnsaved) = (failed ?? record, error is not null && failed is null);
        if ((error ?? result.Error) is not { } failure) return record;
        var why = failure.Message;
        // To the histories, a retry with the key is the same attempt until its record is saved: what they have taken stays for it.
        if (run.IsUnsaved && record.IdempotencyKey is not null)
            why += result.Appended.Count == 0 ? "" : " Its messages may be stored already.";
        else if (await _steps.RevertAsync(run, result) is { Count: > 0 } kept)
            why += $" Its messages may be stored: {string.Join(", ", kept)} could not remove them.";
        return record with { Status = RunStatus.Failed, Output = [], Error = failure with { Message = why } };
    }

    /// <summary>A later process gives the same events. The outline of a failed run has what was delivered itself, because its output is not stored.</summary>
    private static bool NeedsOutline(RunContext run) => run.Command.Streamed || run.Command.Background || run.Handle.Delivery.UpdatesBesideOutput is { Count: > 0 };

    /// <summary>The marks between the updates are no output: one alone would be an empty message.</summary>
    private static RunResponse ResponseOf(IReadOnlyList<ChatResponseUpdate> delivered)
    {
        List<ChatResponseUpdate> updates = [.. delivered.Where(u => !ResumedMark.Is(u))];
        return new RunResponse(updates, 0, updates.Count);
    }

    /// <summary>Lets observers know of the outcome of a run that is not stored.</summary>
    public ValueTask ObserveAsync(RunContext run) => _steps.ObserveAsync(run);

    /// <summary>The session of a first run, when a run that waits behind it has created the record meanwhile; otherwise null.</summary>
    private static async ValueTask<SessionRecord?> FindCreatedAsync(RunContext run)
    {
        if (run.SessionRecord is not null || run.Handle.HasLostSession) return null;
        try
        {
            return await run.Set.Store.FindAsync(run.Record.Session, CancellationToken.None) is { Version: 1, LastRunId: null, History: null } created ? created : null;
        }
        catch (SessionStoreException)
        {
            return null;
        }
    }

    /// <summary>
    /// The store has failed on what it was given, perhaps an object that is no JSON. The run ends without its output: it would stay open otherwise, and each
    /// later process would make it again.
    /// </summary>
    /// <returns>The record that is saved; null when it is not.</returns>
    private async ValueTask<RunRecord?> TrySaveWithoutOutputAsync(RunContext run, SessionSave save, RunResponse output, RunError error)
    {
        run.Outcome = ChainOutcome.Failed(error.Type, error.Message);
        var record = RecordWithOutline(run, output);
        save = save with { Session = Next(run, record, output, StateAfter(run)), Run = record, Appends = CompletionRunner.CoveredAppends(run) };
        return await TrySaveAsync(run, save) is null ? record : null;
    }

    /// <returns>Null when the session is saved; otherwise why not.</returns>
    private async ValueTask<RunError?> TrySaveAsync(RunContext run, SessionSave save)
    {
        try
        {
            await caller.Observer.ObserveAsync(
                new ObservedOperation(HostOperation.SessionSave) { Run = run.Observed, Plugin = run.Set.Store.Plugin.Observed },
                (run.Set.Store, save, run.Handle),
                static s => s.Store.SaveAsync(s.save, s.Handle));
            run.Handle.IsElsewhere = false;
            _steps.ObserveCovered(run, save.Appends, failure: null);
            return null;
        }
        catch (Exception e)
        {
            // Another host has taken the session over: what it stores is how the run ends.
            run.Handle.IsElsewhere = run.Handle.HasLostSession
                || (run.Set.Store.IsShared && e is SessionConflictException or SessionStoreException { InnerException: SessionMovedException });
            if (e is not SessionConflictException) run.Blame(run.Set.Store.Plugin.SourceId);
            Log.SaveFailed(logger, run.Record.Id, LoggableError.From(e));
            _steps.ObserveCovered(run, save.Appends, e);
            var why = e is SessionConflictException
                ? e.Message
                : $"The run could not be stored: {StorageFailure.Describe(e)} A retry with the same idempotency key is safe.";
            return new RunError { Type = IsDefect(e) ? ErrorTypes.Internal : ErrorTypes.Storage, Message = why };
        }
    }

    private static bool IsDefect(Exception e) => e is not SessionConflictException && !StorageFailure.IsOfStorage(e);

    private static RunRecord RecordWithOutline(RunContext run, RunResponse output)
    {
        var record = Record(run, output);
        return NeedsOutline(run)
            ? record with { Outline = OutputOutline.Write(run.Handle.Delivery.UpdatesBesideOutput ?? run.Handle.Delivery.Output.Written, record.Output) }
            : record;
    }

    private static RunRecord Record(RunContext run, RunResponse output)
    {
        var outcome = run.Outcome;
        return run.Record with
        {
            Status = outcome.Outcome switch
            {
                RunOutcome.Failed => RunStatus.Failed,
                RunOutcome.Cancelled => RunStatus.Cancelled,
                _ => ToolCallPairing.FindOpen(output.Messages).Count > 0 ? RunStatus.RequiresAction : RunStatus.Completed,
            },
            CompletedAt = run.EndedAt,
            Output = outcome.KeepsOutput ? output.Messages : [],
            Usage = output.Usage,
            Context = run.ContextUse.ToRecord(),
            FinishReason = output.FinishReason?.Value,
            Error = outcome.Error,
            Skipped = run.Skipped,
            Failures = run.Failures.Count == 0 ? [] : [.. run.Failures.Take(MaxFailures).Select(Failure)],
        };
    }

    private static PluginFailure Failure(PluginException e) =>
        new() { Plugin = e.SourceId, Type = e.CauseType, Message = CallerText.From(e.InnerException!) };

    /// <summary>The state to save: discarded on a failed run; of another one, what fits.</summary>
    private IReadOnlyDictionary<string, JsonElement> StateAfter(RunContext run)
    {
        var saved = run.SessionRecord?.State ?? ReadOnlyDictionary<string, JsonElement>.Empty;
        if (run.Outcome.Outcome == RunOutcome.Failed) return saved;
        var limit = run.Set.Settings.MaxStateBytes;
        return StateJson.Fit(saved, run.Session.CaptureState(), limit, scope =>
        {
            run.Skip(scope);
            Log.StateRefused(logger, scope, run.Record.Id, limit);
        });
    }

    private static SessionRecord Next(RunContext run, RunRecord record, RunResponse output, IReadOnlyDictionary<string, JsonElement> state)
    {
        var (outcome, now) = (run.Outcome.Outcome, run.EndedAt);
        var old = run.SessionRecord ?? new SessionRecord
        {
            Key = record.Session,
            Version = 0,
            CreatedAt = run.Session.CreatedAt,
            UpdatedAt = now,
        };
        var service = run.FinalServiceSessionId();
        return old with
        {
            Version = old.Version + 1,
            UpdatedAt = now,
            State = state,
            ServiceSessionId = service,
            ServiceClient = service is null ? null : run.Chain.Agent.Model.Client,
            History = service is null ? run.Chain.LoadingHistory.SourceId : old.History,
            Transcript = outcome == RunOutcome.Failed
                ? old.Transcript
                : run.Seen.Continue(run.Input, output.Messages, outcome == RunOutcome.Cancelled).ToMark(),
            LastRunId = record.Id,
            LastTraceParent = run.Handle.TraceParent,
        };
    }
}
