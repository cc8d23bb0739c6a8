using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Model;

/// <summary>
/// Puts together what one run calls in the place of the model: the tool loop, around the chat middleware in chain order, around
/// the model's own client. Immutable.
/// </summary>
/// <param name="model">The agent's client, observed.</param>
/// <param name="useServiceSession">Whether the service's session ids are taken over.</param>
/// <param name="plugins">The chain.</param>
/// <param name="calls">The choke point.</param>
internal sealed class ModelClients(IChatClient model, bool useServiceSession, IReadOnlyList<PluginInstance> plugins, PluginCaller calls)
{
    private readonly PluginInstance[] _chat = [.. plugins.Where(p => p.ChatMiddleware is not null)];
    private readonly FunctionCalls _functions = new(plugins, calls);

    public IChatClient Create(RunRequest request, RunScope scope, ToolSet tools)
    {
        IChatClient client = new ModelBoundary(model, useServiceSession && !scope.IsStateless, scope, calls);
        for (var i = _chat.Length - 1; i >= 0; i--) client = ChatMiddlewareClient.Wrap(_chat[i], client, request, scope, calls);
        if (tools.IsMixed) client = new CallerCallsLast(client, tools);
        if (!tools.HasPluginTools) return client;
        return new FunctionInvokingChatClient(client)
        {
            FunctionInvoker = (context, ct) => _functions.InvokeAsync(context, request, scope, tools, ct),
        };
    }
}
