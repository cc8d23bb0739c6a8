using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Explain;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Stages;

/// <summary>Loads a history before what follows, and remembers what passed its place for the append.</summary>
internal sealed class HistoryStage(PluginInstance plugin, PluginCaller caller, TokenBudget budget, Stage next) : Stage
{
    /// <summary>Loading cuts by an estimate, so that the exact cut before the model has something to choose from.</summary>
    private const double Slack = 1.25;

    /// <summary>More pinned messages than this seldom fit the part of a request that is theirs.</summary>
    private const int MaxOlderPinned = 64;

    private readonly IHistoryProvider _history = plugin.History!;

    public override ValueTask InvokeAsync(RunRequest request, RunContext run, CancellationToken cancellationToken)
    {
        if (!run.Command.Stateless) return KeepAsync(request, run, cancellationToken);
        run.Enter(plugin.SourceId, StageKind.History, request);
        return next.InvokeAsync(plugin.Entry.Host.Load ? With(request, run.Command.Earlier) : request, run, cancellationToken);
    }

    public override void OnNotReached(RunRequest request, RunContext run)
    {
        if (!run.Command.Stateless) Enter(request, run).Leave();
        next.OnNotReached(request, run);
    }

    private async ValueTask KeepAsync(RunRequest request, RunContext run, CancellationToken cancellationToken)
    {
        var step = Enter(request, run);
        try
        {
            request = await TryLoadAsync(request, run, cancellationToken);
            await next.InvokeAsync(request, run, cancellationToken);
        }
        finally
        {
            step.Leave();
        }
    }

    private CompletionStep Enter(RunRequest request, RunContext run)
    {
        run.Enter(plugin.SourceId, StageKind.History, request);
        var step = new CompletionStep(plugin, HostOperation.HistoryAppend, request);
        run.AddStep(step);
        return step;
    }

    private async ValueTask<RunRequest> TryLoadAsync(RunRequest request, RunContext run, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            // The service holds the history of its sessions, so no local history loads.
            return plugin.Entry.Host.Load && request.Session.ServiceSessionId is null ? await LoadAsync(request, run, cancellationToken) : request;
        }
        catch
        {
            next.OnNotReached(request, run);
            throw;
        }
    }

    /// <summary>Adds what a stateless run brings.</summary>
    private RunRequest With(RunRequest request, IReadOnlyList<HistoryMessage> earlier) =>
        earlier.Count == 0 ? request : request with { Context = new ContextList(request.Context, earlier, plugin.SourceId) { IsLoaded = false } };

    private RunRequest With(RunRequest request, HistoryWindow window) => window.Messages.Count == 0
        ? request
        : request with { Context = new ContextList(request.Context, window.Messages, plugin.SourceId) { Opener = window.Opener, LoadedWeight = window.Weight } };

    /// <summary>What is left for the history, before later plugins add to the request; null when it is not known what the model takes.</summary>
    private long? RoomIn(RunRequest request)
    {
        if (budget.InputFor(request.Options) is not { } input) return null;
        var taken = TokenWeights.Estimate(request.Instructions) + TokenWeights.Estimate(InputMessages.In(request));
        for (var i = 0; i < request.Tools.Count; i++) taken += TokenWeights.Estimate(request.Tools[i].Tool);
        for (var i = 0; i < request.Context.Count; i++) taken += TokenWeights.Estimate(request.Context[i].Message);
        return Math.Max(0, (long)(input * Slack / budget.Window.FactorOf(isCounted: false)) - taken);
    }

    private long? RoomFor(RunRequest request, RunContext run) => CutRule.Allows(run.Command, request.Options) ? RoomIn(request) : null;

    private async ValueTask<HistoryWindow> LoadAsync(HistoryQuery query, RunRequest request, RunContext run, CancellationToken cancellationToken)
    {
        var page = await _history.LoadAsync(query, cancellationToken);
        var window = HistoryWindow.From(page, query, request.RunId, RoomFor(request, run));
        if (plugin.Entry.Host.KeepOpener && page.Items.Count > 0) await KeepOpenerAsync(window, page, query, request.RunId, cancellationToken);
        run.Recorder?.Load(plugin.SourceId, query, page, window.Messages);
        return window;
    }

    /// <summary>What a recorded run loaded, within the limits of this entry. Its oldest message is the opener when that was kept.</summary>
    private RunRequest Load(Page<HistoryMessage> recorded, HistoryQuery query, RunRequest request, RunContext run)
    {
        var window = HistoryWindow.From(recorded, query, request.RunId, RoomFor(request, run));
        if (plugin.Entry.Host.KeepOpener && recorded.Items is [.., { } oldest]) window.KeepOpener(oldest);
        return With(request, window);
    }

    private async ValueTask KeepOpenerAsync(HistoryWindow window, Page<HistoryMessage> page, HistoryQuery query, string runId, CancellationToken cancellationToken)
    {
        var isWhole = page.Items.Count < query.Limit && query.MaxTokens is null;
        var first = isWhole ? page : await _history.LoadAsync(query with { Order = ListOrder.Ascending, Limit = 1, MaxTokens = null, PinnedLimit = 0 }, cancellationToken);
        if (first?.Items is [.., { } opener] && opener.RunId != runId) window.KeepOpener(opener);
    }

    private async ValueTask<RunRequest> LoadAsync(RunRequest request, RunContext run, CancellationToken cancellationToken)
    {
        try
        {
            var query = new HistoryQuery
            {
                Session = request.Session.Key,
                Order = ListOrder.Descending,
                Limit = plugin.Entry.Host.Window,
                MaxTokens = plugin.Entry.Host.MaxTokens,
                PinnedLimit = MaxOlderPinned,
            };
            if (run.Replay is { } replay) return replay.FindPage(plugin.SourceId) is { } recorded ? Load(recorded, query, request, run) : request;
            var window = await caller.CallAsync(
                new PluginCall(plugin, HostOperation.HistoryLoad) { Run = run.Observed },
                (this, query, request, run),
                static (state, ct) => state.Item1.LoadAsync(state.query, state.request, state.run, ct),
                static (_, window) => window.Messages.Count,
                cancellationToken);
            if (window.LeftOut is { Count: > 0 } left) run.ContextUse.AtLoad = run.ContextUse.AtLoad.Count == 0 ? left : [.. run.ContextUse.AtLoad, .. left];
            return With(request, window);
        }
        catch (PluginException e) when (plugin.Entry.Skips(HostOperation.HistoryLoad))
        {
            run.Skip(e);
            return request;
        }
    }
}
