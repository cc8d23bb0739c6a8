using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Completion;

/// <summary>Appends to histories and lets context providers observe: once for each plugin that was entered, last to first.</summary>
internal sealed class CompletionRunner(PluginCaller calls, ILogger logger)
{
    /// <summary>Does all after-work; one that fails does not keep the others from theirs.</summary>
    /// <returns>What was appended, and the first error of a required append.</returns>
    public async ValueTask<CompletionResult> RunAsync(RunInProgress run, ChainOutcome end)
    {
        var done = new CompletionResult();
        var works = run.Scope.AfterWork;
        for (var i = works.Count - 1; i >= 0; i--)
        {
            var work = works[i];
            if (work.Kind == HostOperation.ContextObserve) await ObserveAsync(run, end, work);
            else if (RunAppend.Of(run, end, work) is { } append) await AppendAsync(run, work, append, done);
            if (done.Error is not null && end.Error?.Type != ErrorTypes.Storage) end = ChainOutcome.Failed(ErrorTypes.Storage, done.Error);
        }

        return done;
    }

    /// <summary>
    /// Removes what was appended as said before it turned out that the run is a failed one. Best effort: what cannot be removed is
    /// logged and stays.
    /// </summary>
    public async ValueTask TakeBackAsync(RunInProgress run, CompletionResult done)
    {
        foreach (var (work, append) in done.Appended)
        {
            if (append.Outcome == RunOutcome.Failed) continue;
            try
            {
                await calls.CallAsync(
                    new ObservedOperation(HostOperation.HistoryDelete) { Run = run.Observed, Plugin = work.Plugin },
                    (History: work.Plugin.History!, append),
                    static (state, ct) => state.History.DeleteAsync(state.append.Session, [.. state.append.Messages.Select(m => m.Id)], ct),
                    static (_, removed) => removed,
                    CancellationToken.None);
            }
            catch (PluginException e)
            {
                Log.AfterWorkFailed(logger, work.Plugin.SourceId, append.RunId!, LoggableError.Of(e));
            }
        }
    }

    /// <summary>Lets plugins that keep data of sessions remove what they took of a run that leaves nothing behind.</summary>
    public async ValueTask ForgetAsync(RunInProgress run)
    {
        foreach (var plugin in run.Start.Chain.Plugins.Where(p => p.SessionData is not null))
        {
            try
            {
                await calls.CallAsync(
                    new ObservedOperation(HostOperation.SessionDataDelete) { Run = run.Observed, Plugin = plugin },
                    (Data: plugin.SessionData!, run.Opened.Session.Key),
                    static (state, ct) => state.Data.DeleteSessionDataAsync(state.Key, ct),
                    static (_, removed) => removed,
                    CancellationToken.None);
            }
            catch (PluginException e)
            {
                Log.CleanUpFailed(logger, plugin.SourceId, LoggableError.Of(e));
            }
        }
    }

    /// <summary>The appends that go into the session's save, for an outcome that changed late.</summary>
    public static List<CoveredAppend> CoveredAppends(RunInProgress run, ChainOutcome end)
    {
        var appends = new List<CoveredAppend>();
        foreach (var work in run.Scope.AfterWork.Where(w => w.Kind == HostOperation.HistoryAppend && run.Set.Covers(w.Plugin)).Reverse())
        {
            if (RunAppend.Of(run, end, work) is { } append) appends.Add(new CoveredAppend(work.Plugin.History!, append));
        }

        return appends;
    }

    private async ValueTask ObserveAsync(RunInProgress run, ChainOutcome end, CompletionStep work)
    {
        try
        {
            var result = new RunResult(end.Outcome, work.ResponseForPlugin()) { ErrorType = end.Error?.Type };
            await calls.CallAsync(
                new ObservedOperation(HostOperation.ContextObserve) { Run = run.Observed, Plugin = work.Plugin },
                (work, result),
                static async (state, ct) =>
                {
                    await state.work.Plugin.Context!.ObserveAsync(state.work.Received, state.result, ct);
                    return true;
                },
                count: null,
                CancellationToken.None);
        }
        catch (PluginException e)
        {
            // The outcome is final: an observer cannot change it any more.
            run.Scope.Skip(work.Plugin.SourceId);
            Log.AfterWorkFailed(logger, work.Plugin.SourceId, run.Start.Handle.Record.Id, LoggableError.Of(e));
        }
    }

    private async ValueTask AppendAsync(RunInProgress run, CompletionStep work, HistoryAppend append, CompletionResult done)
    {
        if (run.Set.Covers(work.Plugin))
        {
            ObserveCovered(run, work, append);
            done.Covered.Add(new CoveredAppend(work.Plugin.History!, append));
            return;
        }

        try
        {
            await calls.CallAsync(
                new ObservedOperation(HostOperation.HistoryAppend) { Run = run.Observed, Plugin = work.Plugin },
                (work.Plugin.History!, append),
                static async (state, ct) =>
                {
                    await state.Item1.AppendAsync(state.append, ct);
                    return true;
                },
                static (state, _) => state.append.Messages.Count,
                CancellationToken.None);
            done.Appended.Add((work, append));
        }
        catch (PluginException e)
        {
            Log.AfterWorkFailed(logger, work.Plugin.SourceId, append.RunId!, LoggableError.Of(e));
            if (work.Plugin.Entry.Skips(HostOperation.HistoryAppend)) run.Scope.Skip(work.Plugin.SourceId);
            else done.Error ??= $"{e.Message} {e.InnerException?.Message}";
        }
    }

    /// <summary>A covered append is written by the session's save; its own span shows what it added.</summary>
    private void ObserveCovered(RunInProgress run, CompletionStep work, HistoryAppend append)
    {
        if (run.Observed is null) return;
        var operation = new ObservedOperation(HostOperation.HistoryAppend) { Run = run.Observed, Plugin = work.Plugin };
        calls.Observer.End(calls.Observer.Begin(operation), operation, new ObservedEnd { Messages = append.Messages.Count });
    }
}
