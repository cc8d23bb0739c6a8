using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Stages;

/// <summary>Loads a history before what follows, and remembers what passed its place for the append.</summary>
internal sealed class HistoryStage(PluginInstance plugin, PluginCaller caller, Stage next) : Stage
{
    private readonly IHistoryProvider _history = plugin.History!;

    public override async ValueTask InvokeAsync(RunRequest request, RunContext run, CancellationToken cancellationToken)
    {
        if (run.Command.Stateless)
        {
            run.InnermostRequest = request;
            await next.InvokeAsync(plugin.Entry.Host.Load ? With(request, run.Command.Earlier) : request, run, cancellationToken);
            return;
        }

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

    public override void OnNotReached(RunRequest request, RunContext run)
    {
        if (!run.Command.Stateless) Enter(request, run).Leave();
        next.OnNotReached(request, run);
    }

    private CompletionStep Enter(RunRequest request, RunContext run)
    {
        run.InnermostRequest = request;
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
            var page = await caller.CallAsync(
                new PluginCall(plugin, HostOperation.HistoryLoad) { Run = run.Observed },
                (_history, request.Session.Key),
                static async (state, ct) => Checked(await state._history.LoadAsync(new HistoryQuery { Session = state.Key }, ct)),
                static (_, page) => page.Items.Count,
                cancellationToken);
            var items = page.Items;
            // An earlier try of this very run may have left messages; its retry must not see them as something said before.
            if (items.Count > 0 && items[^1].RunId == request.RunId) items = items.Where(m => m.RunId != request.RunId).ToList();
            return With(request, items);
        }
        catch (PluginException e) when (plugin.Entry.Skips(HostOperation.HistoryLoad))
        {
            run.Skip(e);
            return request;
        }
    }

    private static Page<HistoryMessage> Checked(Page<HistoryMessage>? page)
    {
        if (page?.Items is null) throw new InvalidOperationException("It returned null instead of a page.");
        for (var i = 0; i < page.Items.Count; i++)
        {
            if (page.Items[i]?.Message is null) throw new InvalidOperationException("It returned null instead of a message.");
        }

        return page;
    }
}
