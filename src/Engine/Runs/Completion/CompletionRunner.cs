using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Completion;

/// <summary>Appends to histories and lets context providers observe: once for each plugin that was entered, last to first.</summary>
internal sealed class CompletionRunner(PluginCaller caller, ILogger logger)
{
    /// <summary>Runs all steps; one that fails does not keep the others from running. A required append that fails makes the run a failed one.</summary>
    public async ValueTask<CompletionResult> RunAsync(RunContext run)
    {
        var result = new CompletionResult();
        for (var i = run.Steps.Count - 1; i >= 0; i--)
        {
            var step = run.Steps[i];
            if (step.Kind == HostOperation.ContextObserve) await ObserveAsync(run, step);
            else if (RunAppend.Create(run, step) is { } append) await AppendAsync(run, step, append, result);
            if (result.Error is { } error && run.Outcome.Error != error) run.Outcome = ChainOutcome.Failed(error.Type, error.Message);
        }

        return result;
    }

    /// <summary>Only lets context providers observe: nothing of the run is stored.</summary>
    public async ValueTask ObserveAsync(RunContext run)
    {
        for (var i = run.Steps.Count - 1; i >= 0; i--)
        {
            if (run.Steps[i].Kind == HostOperation.ContextObserve) await ObserveAsync(run, run.Steps[i]);
        }
    }

    /// <summary>Removes what was appended before the run turned out to be a failed one. What cannot be removed is logged and stays.</summary>
    /// <returns>The histories that could not remove the messages.</returns>
    public async ValueTask<IReadOnlyList<string>> RevertAsync(RunContext run, CompletionResult result)
    {
        var kept = new List<string>();
        foreach (var (step, append) in result.Appended.Where(a => a.Append.Outcome != RunOutcome.Failed))
        {
            var call = new PluginCall(step.Plugin, HostOperation.HistoryDelete) { Run = run.Observed };
            await TryAsync(
                e =>
                {
                    kept.Add(step.Plugin.SourceId);
                    Log.AfterWorkFailed(logger, step.Plugin.SourceId, append.RunId!, LoggableError.From(e));
                },
                async () => await caller.DeleteAsync(call, new HistoryDeletion { Session = append.Session, MessageIds = [.. append.Messages.Select(m => m.Id)] }));
        }

        return kept;
    }

    /// <summary>Lets plugins that keep data of sessions remove what they took of a run that leaves nothing behind.</summary>
    public async ValueTask ForgetAsync(RunContext run)
    {
        for (var i = 0; i < run.Chain.Plugins.Count; i++)
        {
            var plugin = run.Chain.Plugins[i];
            if (plugin.SessionCleanup is null) continue;
            await TryAsync(e => Log.CleanUpFailed(logger, plugin.SourceId, LoggableError.From(e)), async () => await caller.CallAsync(
                new PluginCall(plugin, HostOperation.SessionDataDelete) { Run = run.Observed },
                (Data: plugin.SessionCleanup!, run.Session.Key),
                static (s, ct) => s.Data.DeleteSessionDataAsync(s.Key, ct),
                static (_, removed) => removed,
                CancellationToken.None));
        }
    }

    /// <summary>The appends that go into the session's save, for an outcome that changed late.</summary>
    public static List<CoveredAppend> CoveredAppends(RunContext run)
    {
        var appends = new List<CoveredAppend>();
        foreach (var step in run.Steps.Where(s => s.Kind == HostOperation.HistoryAppend && run.Set.Store.Covers(s.Plugin)).Reverse())
        {
            if (RunAppend.Create(run, step) is { } append) appends.Add(new CoveredAppend { History = step.Plugin.History!, Append = append });
        }

        return appends;
    }

    /// <summary>Reports the appends that were part of the session's save, when that has ended.</summary>
    public void ObserveCovered(RunContext run, IReadOnlyList<CoveredAppend> covered, Exception? failure)
    {
        if (run.Observed is null) return;
        foreach (var part in covered)
        {
            var plugin = run.Chain.Plugins.First(p => p.History == part.History);
            var operation = new PluginCall(plugin, HostOperation.HistoryAppend) { Run = run.Observed }.Observed;
            var end = failure is null ? new ObservedEnd { Messages = part.Append.Messages.Count } : ObservedEnd.From(operation, failure);
            caller.Observer.End(caller.Observer.Begin(operation), operation, end with { IsCovered = true });
        }
    }

    private static async ValueTask TryAsync(Action<PluginException> failed, Func<ValueTask> call)
    {
        try
        {
            await call();
        }
        catch (PluginException e)
        {
            failed(e);
        }
    }

    private ValueTask ObserveAsync(RunContext run, CompletionStep step)
    {
        var result = new RunResult { Outcome = run.Outcome.Outcome, Response = step.ResponseForPlugin(), ErrorType = run.Outcome.Error?.Type };
        return TryAsync(
            e =>
            {
                // The outcome is final: an observer cannot change it any more.
                run.Skip(e);
                Log.AfterWorkFailed(logger, step.Plugin.SourceId, run.Record.Id, LoggableError.From(e));
            },
            () => caller.CallAsync(
                new PluginCall(step.Plugin, HostOperation.ContextObserve) { Run = run.Observed },
                (step, result),
                static (s, ct) => s.step.Plugin.Context!.ObserveAsync(s.step.Received, s.result, ct),
                CancellationToken.None));
    }

    private async ValueTask AppendAsync(RunContext run, CompletionStep step, HistoryAppend append, CompletionResult result)
    {
        var target = new PluginCall(step.Plugin, HostOperation.HistoryAppend) { Run = run.Observed };
        if (run.Set.Store.Covers(step.Plugin))
        {
            // The session's save writes it.
            result.Cover(new CoveredAppend { History = step.Plugin.History!, Append = append });
            return;
        }

        try
        {
            await EarlierAttempts.RemoveAsync(caller, run, step);
            await caller.AppendAsync(target, append, CancellationToken.None);
            result.Add(step, append);
        }
        catch (PluginException e)
        {
            Log.AfterWorkFailed(logger, step.Plugin.SourceId, append.RunId!, LoggableError.From(e));
            if (CallerText.ForOperator(e) is { } details) Log.FailureDetails(logger, append.RunId!, details);
            if (target.Skips) run.Skip(e);
            else
            {
                run.Blame(e.SourceId);
                result.Error ??= new RunError
                {
                    Type = StorageFailure.IsOfStorage(e) ? ErrorTypes.Storage : e.ErrorType,
                    Message = $"{e.Message} {CallerText.From(e.InnerException!)}",
                };
            }
        }
    }
}
