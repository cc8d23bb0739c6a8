using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Explain;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Stages;

/// <summary>
/// Lets a run middleware wrap what follows. What it returns is rebuilt from the updates that passed its place; when none did,
/// the messages that it returned are written there.
/// </summary>
internal sealed class MiddlewareStage(
    PluginInstance plugin, IRunMiddleware middleware, PluginCaller caller, Stage next, Action<PluginException> lateError) : Stage
{
    private readonly ForwardedOutput _outputs = new(plugin, caller, lateError);

    public override async ValueTask InvokeAsync(RunRequest request, RunContext run, CancellationToken cancellationToken)
    {
        run.Enter(plugin.SourceId, StageKind.RunMiddleware, request, run.Recorder is null ? null : plugin.Fingerprint);
        if (run.Replay?.FindPassed(plugin.SourceId, plugin.Fingerprint, request, InputMessages.In(request)) is { } passed)
        {
            await InvokeNextAsync(passed, request.Output, run, cancellationToken);
            return;
        }

        var start = request.Output.Written.Count;
        var call = new MiddlewareCall<RunRequest, RunResponse>(
            caller,
            new PluginCall(plugin, HostOperation.RunMiddleware) { Run = run.Observed },
            (passedOn, ct) => InvokeNextAsync(passedOn, request.Output, run, ct),
            run.Skip,
            allowsNull: false);
        RunDelegate rest = call.NextAsync;

        var response = await call.InvokeAsync(request, ct => middleware.InvokeAsync(request, rest, ct), cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        if (request.Output.Written.Count == start) await WriteAsync(response, request.Output, cancellationToken);
    }

    private async ValueTask<RunResponse> InvokeNextAsync(
        RunRequest request, RunOutput own, RunContext run, CancellationToken cancellationToken)
    {
        if (request is not { Output: not null, Input: not null, Context: not null, Tools: not null, Session: not null })
            throw caller.Fail(plugin, HostOperation.RunMiddleware, new PluginContractException("It passed null to next."));
        request = InputMessages.Protect(request);
        var start = request.Output.Written.Count;
        try
        {
            await next.InvokeAsync(request, run, cancellationToken);
        }
        catch (Exception e)
        {
            var error = await _outputs.EndAsync(request.Output, own, e, cancellationToken);
            if (error != e) throw error;
            throw;
        }

        await _outputs.EndAsync(request.Output, own, cancellationToken);
        return new RunResponse(request.Output.Updates, start, request.Output.Written.Count);
    }

    private async ValueTask WriteAsync(RunResponse response, RunOutput output, CancellationToken cancellationToken)
    {
        foreach (var update in Updates(response)) await output.WriteAsync(update, cancellationToken);
    }

    private ChatResponseUpdate[] Updates(RunResponse response)
    {
        try
        {
            return new ChatResponse([.. response.Messages]) { Usage = response.Usage, FinishReason = response.FinishReason }.ToChatResponseUpdates();
        }
        catch (Exception e)
        {
            throw caller.Fail(plugin, HostOperation.RunMiddleware, e);
        }
    }
}
