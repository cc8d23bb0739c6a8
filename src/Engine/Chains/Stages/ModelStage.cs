using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains.Model;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Explain;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Stages;

/// <summary>The end of a chain: sends context and input to the model, runs the tool loop, and writes updates as they arrive.</summary>
internal sealed class ModelStage(AgentConfiguration agent, ModelClients clients, TimeProvider time) : Stage
{
    public override async ValueTask InvokeAsync(RunRequest request, RunContext run, CancellationToken cancellationToken)
    {
        run.Enter(null, StageKind.Model, request);
        var start = request.Output.Written.Count;
        var tools = ToolSet.Create(request);
        var client = await clients.CreateAsync(request, run, tools, cancellationToken);
        try
        {
            var messages = Messages(request, run);
            await foreach (var update in client.GetStreamingResponseAsync(messages, Options(request, run, tools), cancellationToken))
            {
                if (tools.IsForCaller(update)) await request.Output.WriteAsync(update, cancellationToken);
            }

            cancellationToken.ThrowIfCancellationRequested();
            // The attempt ends as if it was cancelled; another one continues when the calls are decided.
            if (run.LoopError is null && run.Requests.Count > 0 && run.Handle.TryPark()) throw new OperationCanceledException(run.Handle.Cancellation);
            if (run.LoopError is { } error) ExceptionDispatchInfo.Throw(error);
        }
        catch (Exception)
        {
            if (!run.Handle.IsParked) await TryAnswerOpenCallsAsync(request, run, tools, start, cancellationToken.IsCancellationRequested);
            throw;
        }
    }

    private static List<ChatMessage> Messages(RunRequest request, RunContext run)
    {
        var context = request.Context;
        var input = InputMessages.In(request);
        var messages = new List<ChatMessage>(context.Count + input.Count + 2);
        for (var i = 0; i < context.Count; i++) messages.Add(context[i].Message);
        messages.AddRange(input);
        run.Recorder?.Compose(messages);
        NeighbouringAnswers.Join(messages);
        ToolCallPairing.Balance(messages, run.OpenServiceCalls);
        return messages;
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
