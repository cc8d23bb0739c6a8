using Microsoft.Extensions.AI;
using PluginHost.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Pipeline.Stages;

/// <summary>
/// Lets a run middleware wrap what follows. What it returns is rebuilt from the updates that passed its place; when none did,
/// the messages that it returned are written there.
/// </summary>
internal sealed class MiddlewareStage(PluginInstance plugin, PluginCalls calls, Stage next, Action<PluginException> lateError) : Stage
{
    private readonly IRunMiddleware _middleware = plugin.RunMiddleware!;

    public override async ValueTask InvokeAsync(RunRequest request, RunScope scope, CancellationToken cancellationToken)
    {
        scope.Deepest = request;
        var start = request.Output.Updates.Count;
        var call = new MiddlewareCall<RunRequest, RunResponse>(
            calls,
            plugin,
            new ObservedOperation(HostOperation.RunMiddleware) { Run = scope.Observed, Plugin = plugin },
            (passedOn, ct) => InvokeNextAsync(passedOn, request.Output, scope, ct),
            scope.Skip);
        RunDelegate rest = call.NextAsync;

        var response = await call.InvokeAsync(request, ct => _middleware.InvokeAsync(request, rest, ct), cancellationToken);
        if (call.LateError is { } late) lateError(late);
        cancellationToken.ThrowIfCancellationRequested();
        if (request.Output.Updates.Count == start) await WriteAsync(response, request.Output, cancellationToken);
    }

    private async ValueTask<RunResponse> InvokeNextAsync(
        RunRequest request, RunOutput own, RunScope scope, CancellationToken cancellationToken)
    {
        if (request is null) throw new InvalidOperationException($"Plugin '{plugin.SourceId}' passed null to next.");
        var start = request.Output.Updates.Count;
        try
        {
            await next.InvokeAsync(request, scope, cancellationToken);
        }
        catch
        {
            await CompleteAfterErrorAsync(request.Output, own);
            throw;
        }

        await CompleteAsync(request.Output, own);
        return scope.ResponseOf(request.Output, start, request.Output.Updates.Count);
    }

    /// <summary>Ends the outputs that the middleware put before its own, innermost first, so that held-back text goes on.</summary>
    private static async ValueTask CompleteAsync(RunOutput passedOn, RunOutput own)
    {
        for (var output = passedOn; output is not null && output != own; output = output.Target)
            await output.CompleteAsync(CancellationToken.None);
    }

    private async ValueTask CompleteAfterErrorAsync(RunOutput passedOn, RunOutput own)
    {
        try
        {
            await CompleteAsync(passedOn, own);
        }
        catch (Exception e)
        {
            // The first error is the one to report; this one followed from it, or from the middleware's own change.
            lateError(new PluginException(plugin.SourceId, nameof(RunOutput.Through), e));
        }
    }

    private async ValueTask WriteAsync(RunResponse? response, RunOutput output, CancellationToken cancellationToken)
    {
        if (response is null)
            throw new PluginException(plugin.SourceId, nameof(HostOperation.RunMiddleware), new InvalidOperationException("It returned null and wrote nothing."));
        var answer = new ChatResponse([.. response.Messages])
        {
            Usage = response.Usage,
            FinishReason = response.FinishReason,
        };
        foreach (var update in answer.ToChatResponseUpdates())
            await output.WriteAsync(update, cancellationToken);
    }
}
