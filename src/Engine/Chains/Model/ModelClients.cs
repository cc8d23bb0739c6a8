using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Model;

/// <summary>
/// Puts together what one run calls as its model: the tool loop, around the chat middleware in chain order, around
/// the model's own client. Immutable.
/// </summary>
/// <param name="model">The agent's client, observed.</param>
/// <param name="useServiceSession">Whether the service's session ids are taken over.</param>
/// <param name="plugins">The chain.</param>
/// <param name="caller">Calls the plugins.</param>
/// <param name="budget">What the model takes.</param>
/// <param name="logger">Logs what is learnt of that.</param>
internal sealed class ModelClients(
    IChatClient model, bool useServiceSession, IReadOnlyList<PluginInstance> plugins, PluginCaller caller, TokenBudget budget, ILogger logger)
{
    private readonly PluginInstance[] _chat = [.. plugins.Where(p => p.ChatMiddleware is not null)];
    private readonly FunctionCalls _functions = new(plugins, caller);

    /// <exception cref="PluginException">A chat middleware failed and is not to be skipped.</exception>
    public async ValueTask<IChatClient> CreateAsync(RunRequest request, RunContext run, RequestParts parts, ToolSet tools, CancellationToken cancellationToken)
    {
        IChatClient client = new ModelBoundary(model, useServiceSession && !run.Command.Stateless, run, caller);
        for (var i = _chat.Length - 1; i >= 0; i--)
            client = await ChatMiddlewareClient.WrapAsync(_chat[i], client, request, run, caller, cancellationToken);
        client = new FittedClient(client, parts, budget, run, logger, cancellationToken);
        if (tools.IsMixed) client = new CallerCallsLast(client, tools);
        var recorded = run.Journal?.Recorded;
        var hasLoop = tools.HasPluginTools || recorded is { Answers.Count: > 0 };
        client = new ModelAnswers(client, run, tools, hasLoop);
        if (!hasLoop) return client;
        return new FunctionInvokingChatClient(client)
        {
            AdditionalTools = recorded is null ? tools.Inner : tools.InnerWith(recorded.Answers),
            FunctionInvoker = (context, ct) => _functions.InvokeAsync(context, request, run, tools, ct),
        };
    }
}
