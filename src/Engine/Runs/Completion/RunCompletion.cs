using System.Collections.ObjectModel;
using System.Text.Json;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Transcripts;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Completion;

/// <summary>
/// What happens when a run's outcome is final: appends and observes, last to first, then the save of session and run.
/// A required append or save that fails turns the run into a failed one. Stateless.
/// </summary>
internal sealed class RunCompletion(PluginCaller calls, ILogger logger)
{
    private readonly CompletionRunner _afterWork = new(calls, logger);

    /// <summary>Never throws.</summary>
    public async ValueTask<RunRecord> EndAsync(RunInProgress run, ChainOutcome end)
    {
        var output = run.Scope.ResponseOf(run.Start.Handle.Output, 0, run.Start.Handle.Output.Written.Count);
        run.Scope.EndedAt = calls.Time.GetUtcNow();
        var done = await _afterWork.RunAsync(run, end);
        if (run.Start.Command.Stateless)
        {
            await _afterWork.ForgetAsync(run);
            return Record(run, end, output);
        }

        IReadOnlyList<CoveredAppend> covered = done.Covered;
        if (done.Error is not null)
        {
            end = ChainOutcome.Failed(ErrorTypes.Storage, done.Error);
            covered = CompletionRunner.CoveredAppends(run, end);
            await _afterWork.TakeBackAsync(run, done);
        }

        var state = StateAfter(run, end);
        var record = Record(run, end, output);
        try
        {
            await SaveAsync(run, Next(run, end, record, output, state), record, covered);
            return record;
        }
        catch (Exception e)
        {
            Log.SaveFailed(logger, record.Id, LoggableError.Of(e));
            // A retry with the key is the same run to histories that have taken it, and replaces nothing; without a key nobody
            // can say that it is a retry, so nothing may stay.
            if (done.Error is null && record.IdempotencyKey is null) await _afterWork.TakeBackAsync(run, done);
            var why = e is SessionConflictException ? e.Message : $"The run could not be stored: {StorageFailure.Describe(e)} A retry with the same idempotency key is safe.";
            return record with { Status = RunStatus.Failed, Output = [], Error = new RunError(ErrorTypes.Storage, why) };
        }
    }

    private async ValueTask SaveAsync(RunInProgress run, SessionRecord next, RunRecord record, IReadOnlyList<CoveredAppend> covered)
    {
        var previous = run.Opened.Record;
        var save = new SessionSave(next, previous?.Version ?? 0) { Previous = previous, Run = record, Appends = covered };
        if (run.Observed is null)
        {
            await run.Set.Store.SaveAsync(save, CancellationToken.None);
            return;
        }

        var operation = new ObservedOperation(HostOperation.SessionSave) { Run = run.Observed };
        var token = calls.Observer.Begin(operation);
        try
        {
            await run.Set.Store.SaveAsync(save, CancellationToken.None);
            calls.Observer.End(token, operation, default);
        }
        catch (Exception e)
        {
            calls.Observer.End(token, operation, PluginCaller.Failure(e));
            throw;
        }
    }

    private static RunRecord Record(RunInProgress run, ChainOutcome end, RunResponse output)
    {
        var kept = end.Outcome != RunOutcome.Failed;
        return run.Start.Handle.Record with
        {
            Status = end.Outcome switch
            {
                RunOutcome.Failed => RunStatus.Failed,
                RunOutcome.Cancelled => RunStatus.Cancelled,
                _ => OpenCalls.In(output.Messages).Count > 0 ? RunStatus.RequiresAction : RunStatus.Completed,
            },
            CompletedAt = run.Scope.EndedAt,
            Output = kept ? output.Messages : [],
            Usage = output.Usage,
            FinishReason = output.FinishReason?.Value,
            Error = end.Error,
            Skipped = run.Scope.Skipped,
        };
    }

    /// <summary>Discarded on a failed run; of another one, what fits.</summary>
    private IReadOnlyDictionary<string, JsonElement> StateAfter(RunInProgress run, ChainOutcome end)
    {
        var saved = run.Opened.Record?.State ?? ReadOnlyDictionary<string, JsonElement>.Empty;
        if (end.Outcome == RunOutcome.Failed) return saved;
        var limit = run.Set.Settings.MaxStateBytes;
        return SessionLimits.Fit(saved, run.Opened.Session.CaptureState(), limit, scope =>
        {
            run.Scope.Skip(scope);
            Log.StateRefused(logger, scope, run.Start.Handle.Record.Id, limit);
        });
    }

    private static SessionRecord Next(
        RunInProgress run, ChainOutcome end, RunRecord record, RunResponse output, IReadOnlyDictionary<string, JsonElement> state)
    {
        var now = record.CompletedAt!.Value;
        var key = record.Session;
        var failed = end.Outcome == RunOutcome.Failed;
        var old = run.Opened.Record ?? new SessionRecord(key, 0, run.Opened.Session.CreatedAt, now);
        var service = run.ServiceSessionAfter(end);
        return old with
        {
            Version = old.Version + 1,
            UpdatedAt = now,
            State = state,
            ServiceSessionId = service,
            ServiceClient = service is null ? null : run.Start.Chain.Agent.Model.Client,
            History = service is null ? run.Start.Chain.LoadingHistory.SourceId : old.History,
            Transcript = failed ? old.Transcript : run.Opened.Seen.Continue(run.Opened.Input, output.Messages, end.Outcome == RunOutcome.Cancelled).ToMark(),
            LastRunId = record.Id,
            LastTraceParent = run.TraceParent,
        };
    }
}
