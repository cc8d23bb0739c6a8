using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains.Compaction;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
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
/// <param name="hasResponses">Whether the model's server has the Responses interface, and compacts itself when it is asked to.</param>
/// <param name="seal">Seals compaction items of the host.</param>
/// <param name="logger">Logs what is learnt of what the model takes.</param>
internal sealed class ModelClients(
    IChatClient model, bool useServiceSession, IReadOnlyList<PluginInstance> plugins, PluginCaller caller, TokenBudget budget,
    bool hasResponses, CompactionSeal seal, ILogger logger)
{
    private readonly PluginInstance[] _chat = [.. plugins.Where(p => p.ChatMiddleware is not null)];
    private readonly FunctionCalls _functions = new(plugins, caller);

    /// <summary>What the model gets of a conversation that was compacted.</summary>
    public CompactionView ViewFor(RunContext run) => new(seal, run.Command.Tenant);

    /// <exception cref="PluginException">A chat middleware failed and is not to be skipped.</exception>
    public async ValueTask<IChatClient> CreateAsync(RunRequest request, RunContext run, RequestParts parts, ToolSet tools, CancellationToken cancellationToken)
    {
        IChatClient client = new ModelBoundary(model, useServiceSession && !run.Command.Stateless, run, caller);
        for (var i = _chat.Length - 1; i >= 0; i--)
            client = await ChatMiddlewareClient.WrapAsync(_chat[i], client, request, run, caller, cancellationToken);
        client = new FittedClient(client, parts, budget, run, logger, cancellationToken);
        if (FindWish(request, run) is { } wish) client = new CompactingClient(client, parts, wish, asksServer: hasResponses, seal, budget, run, cancellationToken);
        if (tools.IsMixed) client = new CallerCallsLast(client, tools);
        var recorded = run.Journal?.Recorded;
        var hasLoop = tools.HasPluginTools || recorded is { Answers.Count: > 0 };
        client = new ModelAnswers(client, run, tools, hasLoop, caller.Observer);
        if (!hasLoop) return client;
        return new FunctionInvokingChatClient(client)
        {
            AdditionalTools = recorded is null ? tools.Inner : tools.InnerWith(recorded.Answers),
            FunctionInvoker = (context, ct) => _functions.InvokeAsync(context, request, run, tools, ct),
        };
    }

    /// <summary>What the host compacts. A server with the interface does it by itself, except that it may have no such endpoint.</summary>
    private CompactionWish? FindWish(RunRequest request, RunContext run) =>
        hasResponses && !CompactionItem.IsAsked(request.Options) ? null : CompactionWish.Find(request.Options, run.Input, budget);
}
