using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Explain;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Stages;

/// <summary>Adds what a context provider gives, stamped with its source, and remembers to let it observe the result.</summary>
internal sealed class ContextStage(PluginInstance plugin, PluginCaller caller, Stage next) : Stage
{
    private readonly IContextProvider _provider = plugin.Context!;

    public override async ValueTask InvokeAsync(RunRequest request, RunContext run, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            next.OnNotReached(request, run);
            cancellationToken.ThrowIfCancellationRequested();
        }

        run.Enter(plugin.SourceId, StageKind.Context, request);
        var step = new CompletionStep(plugin, HostOperation.ContextObserve, request);
        run.AddStep(step);
        try
        {
            request = await ProvideAsync(request, run, cancellationToken);
            await next.InvokeAsync(request, run, cancellationToken);
        }
        finally
        {
            step.Leave();
        }
    }

    public override void OnNotReached(RunRequest request, RunContext run) => next.OnNotReached(request, run);

    private async ValueTask<RunRequest> ProvideAsync(RunRequest request, RunContext run, CancellationToken cancellationToken)
    {
        try
        {
            var given = run.Replay?.FindContribution(plugin.SourceId, plugin.Fingerprint) ?? await caller.CallAsync(
                new PluginCall(plugin, HostOperation.ContextProvide) { Run = run.Observed },
                (_provider, request),
                static async (state, ct) => Checked(await state._provider.ProvideAsync(state.request, ct)),
                Describe,
                cancellationToken);
            run.Recorder?.Give(plugin.SourceId, plugin.Fingerprint, given);
            return Add(request, given);
        }
        catch (PluginException e) when (plugin.Entry.Skips(HostOperation.ContextProvide))
        {
            run.Skip(e);
            return request;
        }
        catch
        {
            next.OnNotReached(request, run);
            throw;
        }
    }

    private static ContextContribution Checked(ContextContribution? given)
    {
        if (given?.Messages is null || given.Tools is null || given.Messages.Contains(null!) || given.Tools.Contains(null!))
            throw new PluginContractException("It returned null instead of a contribution, a message or a tool.");
        return given;
    }

    private static ObservedEnd Describe(ContextContribution given) => new()
    {
        Messages = given.Messages.Count,
        Tools = given.Tools.Count == 0 ? null : [.. given.Tools.Select(t => t.Name)],
        InstructionsLength = given.Instructions is { Length: > 0 } text ? text.Length : null,
    };

    private RunRequest Add(RunRequest request, ContextContribution given)
    {
        if (ReferenceEquals(given, ContextContribution.Empty)) return request;
        if (given.Messages.Count > 0)
            request = request with { Context = [.. request.Context, .. given.Messages.Select(m => new ContextMessage { Message = m, Source = plugin.SourceId, Origin = MessageOrigin.Context })] };
        if (!string.IsNullOrEmpty(given.Instructions))
            request = request with { Instructions = string.IsNullOrEmpty(request.Instructions) ? given.Instructions : $"{request.Instructions}\n{given.Instructions}" };
        if (given.Tools.Count == 0) return request;
        caller.LogUnknownApprovals(plugin.Entry, given.Tools);
        var added = given.Tools.Select(t => new RunTool { Tool = NamedTool.Create(t, plugin.Entry.Host), Source = plugin.SourceId }).ToList();
        var tools = OptionalTools.Add(request.Tools, added, out var leftOut);
        if (leftOut.Count > 0) caller.LogLeftOutTools(plugin.Entry, leftOut);
        return request with { Tools = tools };
    }
}
