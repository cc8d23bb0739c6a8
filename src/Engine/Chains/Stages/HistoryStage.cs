using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Explain;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Stages;

/// <summary>Loads a history before what follows, and remembers what passed its place for the append.</summary>
internal sealed class HistoryStage(PluginInstance plugin, PluginCaller caller, Stage next) : Stage
{
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

    private RunRequest With(RunRequest request, IReadOnlyList<HistoryMessage> items) =>
        items.Count == 0 ? request : request with { Context = new ContextList(request.Context, items, plugin.SourceId) };

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
            };
            var items = await caller.CallAsync(
                new PluginCall(plugin, HostOperation.HistoryLoad) { Run = run.Observed },
                (_history, query, plugin.SourceId, run),
                static async (state, ct) =>
                {
                    var page = await state._history.LoadAsync(state.query, ct);
                    var kept = HistoryWindow.From(page, state.query, state.run.Record.Id);
                    state.run.Recorder?.Load(state.SourceId, state.query, page, kept);
                    return kept;
                },
                static (_, items) => items.Count,
                cancellationToken);
            return With(request, items);
        }
        catch (PluginException e) when (plugin.Entry.Skips(HostOperation.HistoryLoad))
        {
            run.Skip(e);
            return request;
        }
    }
}
