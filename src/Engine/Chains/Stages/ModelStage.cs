using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains.Model;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Explain;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Stages;

/// <summary>The end of a chain: sends context and input to the model, runs the tool loop, and writes updates as they arrive.</summary>
/// <param name="agent">The agent.</param>
/// <param name="clients">Makes the client of a run.</param>
/// <param name="histories">The source ids of the histories that load.</param>
/// <param name="time">The clock.</param>
internal sealed class ModelStage(AgentConfiguration agent, ModelClients clients, HashSet<string> histories, TimeProvider time) : Stage
{
    public override async ValueTask InvokeAsync(RunRequest request, RunContext run, CancellationToken cancellationToken)
    {
        run.Enter(null, StageKind.Model, request);
        var start = request.Output.Written.Count;
        var tools = ToolSet.Create(request);
        var parts = new RequestParts(request, run.OpenServiceCalls, histories, clients.ViewFor(run), run.Recorder);
        var client = await clients.CreateAsync(request, run, parts, tools, cancellationToken);
        try
        {
            await foreach (var update in client.GetStreamingResponseAsync(parts.Messages, Options(request, run, tools), cancellationToken))
            {
                if (tools.IsForCaller(update)) await request.Output.WriteAsync(update, cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            // The attempt ends as if it was cancelled; another one continues when the calls are decided.
            if (run.LoopError is null && run.Requests.Count > 0 && run.Handle.TryPark()) throw new ParkedException(run.Handle.Cancellation);
            if (run.LoopError is { } error) ExceptionDispatchInfo.Throw(error);
        }
        catch (Exception)
        {
            if (!run.Handle.IsParked) await TryAnswerOpenCallsAsync(request, run, tools, start, cancellationToken.IsCancellationRequested);
            throw;
        }
    }

    private ChatOptions Options(RunRequest request, RunContext run, ToolSet tools)
    {
        var options = request.Options?.Clone() ?? new ChatOptions();
        options.Instructions = request.Instructions;
        run.Command.SentInstructions?.AddTo(options);
        options.Tools = tools.ForModel;
        options.ModelId ??= agent.Model.Model;
        var service = agent.ServiceSession == ServiceSessionMode.Auto && !run.Command.Stateless;
        options.ConversationId = service ? request.Session.ServiceSessionId : null;
        if (!service) (options.AdditionalProperties ??= [])[ServiceStorage.Property] = false;
        return options;
    }

    /// <summary>What is stored and delivered of a broken tool loop is balanced: finished results are kept, open calls answered.</summary>
    private async ValueTask TryAnswerOpenCallsAsync(RunRequest request, RunContext run, ToolSet tools, int start, bool cancelled)
    {
        var answers = run.Answers.Complete(
            request.Output.Written.Skip(start), tools.IsCallers, cancelled ? "The call was cancelled." : "The call failed: the run ended with an error.");
        if (answers.Count == 0) return;
        using var patience = new CancellationTokenSource(BoundedWait.Grace, time);
        try
        {
            await request.Output.WriteAsync(new ChatResponseUpdate(ChatRole.Tool, answers) { MessageId = $"{request.RunId}.open" }, patience.Token);
        }
        catch (Exception)
        {
            // An output that is broken or stuck takes nothing any more; why it broke is the error to report.
        }
    }
}
