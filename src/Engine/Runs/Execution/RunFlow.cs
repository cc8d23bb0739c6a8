using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Completion;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Execution;

/// <summary>Carries one run through its life: turn, session, chain, outcome, after-work, save. Stateless.</summary>
internal sealed class RunFlow(SessionGate gate, PluginCaller calls, ILogger logger)
{
    private readonly SessionOpening _opening = new(calls);
    private readonly RunCompletion _ending = new(calls, logger);

    /// <summary>Runs to the end; never throws. The handle tells how it went.</summary>
    public async Task RunAsync(RunStart start, ChainSet set)
    {
        var handle = start.Handle;
        var record = handle.Record;
        var observed = Observe(start);
        var observer = calls.Observer;
        var span = observed is null ? null : observer.BeginRun(observed);
        ProblemException? refusal = null;
        try
        {
            var queued = await EnterAsync(start, set);
            try
            {
                record = await RunInTurnAsync(start, set, observed, span, queued);
            }
            finally
            {
                if (!start.Command.Stateless) gate.Exit(record.Session);
            }
        }
        catch (Exception e)
        {
            refusal = e as ProblemException ?? Broken(record, e);
            record = Refused(handle, refusal);
        }

        // First, so that whoever is told of the end finds it in the metrics.
        if (observed is not null) observer.EndRun(span, observed, record);
        if (refusal is null) handle.End(record);
        else if (!handle.Completion.IsCompleted) handle.Refuse(refusal, record);
    }

    /// <summary>Waits for the run's turn. A run that is cancelled meanwhile ends for its callers at once, and keeps its place to be stored.</summary>
    /// <returns>How long the run waited for others; null when it did not.</returns>
    private async ValueTask<TimeSpan?> EnterAsync(RunStart start, ChainSet set)
    {
        // Nobody else can be on a session that is there for one run alone.
        if (start.Command.Stateless) return null;
        var (handle, session) = (start.Handle, start.Handle.Record.Session);
        if (start.Command.AfterRun is { } after)
        {
            // Behind the run that is on the session now, this one would have to fork anyway.
            return gate.TryEnter(session) ? null : throw SessionOpening.NotLast(after, session);
        }

        var turn = gate.EnterAsync(session, set.Settings, CancellationToken.None, handle.Cancellation);
        if (turn.IsCompletedSuccessfully) return null;
        var since = calls.Time.GetTimestamp();
        await using var ending = handle.Cancellation.UnsafeRegister(_ => handle.EndQueued(calls.Time.GetUtcNow()), null);
        await turn;
        return calls.Time.GetElapsedTime(since);
    }

    private async ValueTask<RunRecord> RunInTurnAsync(RunStart start, ChainSet set, ObservedRun? observed, object? span, TimeSpan? queued)
    {
        var handle = start.Handle;
        // Not under the run's token: of a run that is cancelled by now, the input is stored.
        var opened = await _opening.OpenAsync(start, set, observed, CancellationToken.None);
        try
        {
            return await RunOpenedAsync(start, set, opened, observed, span, queued);
        }
        finally
        {
            if (opened.HasRoom) set.Rooms.Leave(handle.Record.Session.Tenant);
        }
    }

    private async ValueTask<RunRecord> RunOpenedAsync(
        RunStart start, ChainSet set, OpenedSession opened, ObservedRun? observed, object? span, TimeSpan? queued)
    {
        var handle = start.Handle;
        var previous = opened.Record?.LastTraceParent;
        if (observed is not null && (previous is not null || queued is not null))
            calls.Observer.RunLoaded(span, observed with { PreviousTraceParent = previous, Queued = queued });
        var traceParent = calls.Observer.GetTraceParent(span);
        handle.TraceParent = traceParent;
        handle.Begin(handle.Record with { Status = RunStatus.Running, TraceId = traceParent?[3..35] });

        var scope = new RunScope(opened.Session, observed)
        {
            OpenServiceCalls = opened.OpenServiceCalls,
            IsStateless = start.Command.Stateless,
            Earlier = start.Command.Earlier,
        };
        var end = await InvokeAsync(start, set, opened, scope);
        // A plugin that was left alone may still try to write.
        await handle.Output.CompleteAsync(CancellationToken.None);
        return await _ending.EndAsync(new RunInProgress(start, set, opened, scope, observed, traceParent), end);
    }

    private async ValueTask<ChainOutcome> InvokeAsync(RunStart start, ChainSet set, OpenedSession opened, RunScope scope)
    {
        var handle = start.Handle;
        using var timer = calls.Time.CreateTimer(
            static state => ((RunHandle)state!).TimeOut(), handle, set.Settings.RunTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            await start.Chain.InvokeAsync(Request(start, opened), scope, handle.Cancellation);
            return handle.IsCancelled ? ChainOutcome.Cancelled : ChainOutcome.Completed;
        }
        catch (Exception) when (handle.IsCancelled)
        {
            return ChainOutcome.Cancelled;
        }
        catch (Exception e)
        {
            var end = handle.IsTimedOut
                ? ChainOutcome.Failed(ErrorTypes.RunTimeout, $"The run took longer than {set.Settings.RunTimeout} (Sessions:RunTimeout).")
                : ChainOutcome.Of(e, scope);
            Log.RunFailed(logger, handle.Record.Id, handle.Record.Session.Id, end.Error!.Type, end.ShowsStack ? LoggableError.Of(e) : null);
            return end;
        }
    }

    private static RunRequest Request(RunStart start, OpenedSession opened)
    {
        var record = start.Handle.Record;
        return new RunRequest
        {
            Session = opened.Session,
            RunId = record.Id,
            Agent = record.Agent,
            Attempt = record.Attempt,
            Input = InputMessages.Protect(opened.Input),
            Instructions = Joined(start.Chain.Agent.Instructions, start.Command.Instructions),
            Tools = start.Command.CallerTools.Count == 0 ? [] : [.. start.Command.CallerTools.Select(t => new RunTool(t, null))],
            Options = start.Command.Options,
            Metadata = record.Metadata,
            Output = start.Handle.Output,
        };
    }

    private static string? Joined(string? first, string? second) =>
        string.IsNullOrEmpty(first) ? second : string.IsNullOrEmpty(second) ? first : $"{first}\n{second}";

    private ObservedRun? Observe(RunStart start)
    {
        if (!calls.Observer.IsEnabled) return null;
        var model = start.Chain.Agent.Model;
        return start.Handle.Observed() with { Provider = model.Client, Model = model.Model };
    }

    private ProblemException Broken(RunRecord record, Exception e)
    {
        Log.RunBroke(logger, record.Id, LoggableError.Of(e));
        return StorageFailure.Problem(e);
    }

    /// <summary>The record of a run that does not begin, and is not stored.</summary>
    private RunRecord Refused(RunHandle handle, ProblemException refusal) => handle.Completion.IsCompleted
        // Its callers have been told already how it ended.
        ? handle.Record
        : handle.Record with
        {
            Status = RunStatus.Failed,
            CompletedAt = calls.Time.GetUtcNow(),
            Error = new RunError(refusal.Type.Slug, refusal.Message),
        };
}
