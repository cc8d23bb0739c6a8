using Microsoft.Extensions.AI;
using PluginHost.Configuration;
using PluginHost.Pipeline;
using PluginHost.Sdk;

namespace PluginHost.Sessions;

/// <summary>Appends to histories and lets context providers observe: once for each plugin that was entered, last to first.</summary>
internal sealed class AfterWorkRunner(PluginCalls calls, ILogger logger)
{
    /// <summary>Does all after-work; one that fails does not keep the others from theirs.</summary>
    /// <returns>The appends to commit with the session, and the first error of a required append; null when there was none.</returns>
    public async ValueTask<(IReadOnlyList<CoveredAppend> Covered, string? StorageError)> RunAsync(RunInProgress run, RunEnd end)
    {
        List<CoveredAppend>? covered = null;
        string? error = null;
        var works = run.Scope.AfterWork;
        for (var i = works.Count - 1; i >= 0; i--)
        {
            var work = works[i];
            if (work.Kind == HostOperation.ContextObserve)
            {
                await ObserveAsync(run, end, work);
                continue;
            }

            if (AppendOf(run, end, work) is not { } append) continue;
            if (run.Set.Covers(work.Plugin))
            {
                ObserveCovered(run, work, append);
                (covered ??= []).Add(new CoveredAppend(work.Plugin.History!, append));
                continue;
            }

            var failure = await AppendAsync(run, work, append);
            if (failure is null) continue;
            error ??= failure;
            end = RunEnd.Failed(ErrorTypes.Storage, failure);
        }

        return (covered ?? (IReadOnlyList<CoveredAppend>)[], error);
    }

    /// <summary>The appends that go into the session's save, for an outcome that changed late.</summary>
    public static List<CoveredAppend> CoveredAppends(RunInProgress run, RunEnd end)
    {
        var appends = new List<CoveredAppend>();
        foreach (var work in run.Scope.AfterWork.Where(w => w.Kind == HostOperation.HistoryAppend && run.Set.Covers(w.Plugin)).Reverse())
        {
            if (AppendOf(run, end, work) is { } append) appends.Add(new CoveredAppend(work.Plugin.History!, append));
        }

        return appends;
    }

    private async ValueTask ObserveAsync(RunInProgress run, RunEnd end, AfterWork work)
    {
        try
        {
            var result = new RunResult(end.Outcome, work.GetResponse(run.Scope)) { ErrorType = end.Error?.Type };
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
            Log.AfterWorkFailed(logger, work.Plugin.SourceId, run.Start.Handle.Record.Id, e);
        }
    }

    private async ValueTask<string?> AppendAsync(RunInProgress run, AfterWork work, HistoryAppend append)
    {
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
            return null;
        }
        catch (PluginException e)
        {
            Log.AfterWorkFailed(logger, work.Plugin.SourceId, append.RunId!, e);
            if (!work.Plugin.Entry.Skips(HostOperation.HistoryAppend)) return $"{e.Message} {e.InnerException?.Message}";
            run.Scope.Skip(work.Plugin.SourceId);
            return null;
        }
    }

    /// <summary>A covered append is written by the session's save; its own span shows what it added.</summary>
    private void ObserveCovered(RunInProgress run, AfterWork work, HistoryAppend append)
    {
        if (run.Observed is null) return;
        var operation = new ObservedOperation(HostOperation.HistoryAppend) { Run = run.Observed, Plugin = work.Plugin };
        calls.Observer.End(calls.Observer.Begin(operation), operation, new ObservedEnd { Messages = append.Messages.Count });
    }

    private static HistoryAppend? AppendOf(RunInProgress run, RunEnd end, AfterWork work)
    {
        var entry = work.Plugin.Entry;
        // With a settled service session the service is the one authority; audit histories go on.
        if (entry.Load && run.Scope.ServiceSessionId is not null && run.Start.Chain.Agent.UseServiceSession) return null;

        var record = run.Start.Handle.Record;
        var messages = new List<HistoryMessage>();
        var innermost = run.Scope.Deepest ?? work.Received;
        if (entry.StoreInput)
            Add((entry.StoreInputAs == StoreInputAs.Received ? work.Received : innermost).Input, MessagePart.Input, null);
        for (var i = 0; i < innermost.Context.Count && (entry.StoreContext || entry.StoreContextFrom.Count > 0); i++)
        {
            var (message, source, part) = innermost.Context[i];
            if (part == MessagePart.Context && entry.Stores(source)) Add([message], MessagePart.Context, source);
        }

        if (entry.StoreOutput && end.Outcome != RunOutcome.Failed) Add(work.GetResponse(run.Scope).Messages, MessagePart.Output, null);
        if (messages.Count == 0) return null;
        return new HistoryAppend(record.Session, messages)
        {
            RunId = record.Id,
            Attempt = record.Attempt,
            Agent = record.Agent,
            Outcome = end.Outcome,
            ErrorType = end.Error?.Type,
            CreatedAt = run.Scope.EndedAt,
        };

        void Add(IReadOnlyList<ChatMessage> added, MessagePart part, string? source)
        {
            foreach (var message in added)
                messages.Add(new HistoryMessage(Ids.Message(record.Id, record.Attempt, messages.Count), part, message) { Source = source });
        }
    }
}
