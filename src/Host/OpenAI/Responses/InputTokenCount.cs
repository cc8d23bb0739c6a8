using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>
/// Counts the tokens of a request's text: messages, calls, results, instructions and tools. It leaves out additions of the chain.
/// </summary>
internal static class InputTokenCount
{
    public static async Task CountAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var json = await JsonBody.ReadAsync(context.Request, errors);
        var body = BodyBinder.Bind<InputTokensBody>(json, errors);
        errors.ThrowIfAny();

        var tokens = new TokenCounter(TextEncoding.O200k, context.RequestAborted);
        tokens.Add(body.Instructions);
        foreach (var tool in body.Tools is null ? [] : ResponseRequest.ToolsIn(json)) tokens.Add(tool.GetRawText());
        await context.WriteAsync(200, new InputTokens(tokens.Count + await CountConversationAsync(context, body)), ResponsesJson.Default.InputTokens);
    }

    private static async ValueTask<long> CountConversationAsync(HttpContext context, InputTokensBody body)
    {
        var input = await ItemReferences.ResolveAsync(context, body.Input, "input");
        var tokens = new TokenCounter(TextEncoding.O200k, context.RequestAborted);
        var isCompacted = CompactionItem.IsIn(input);
        await VisitEarlierAsync(context, body, message =>
        {
            isCompacted |= CompactionItem.IsIn(message);
            if (!isCompacted) tokens.Add(message);
        });
        if (isCompacted)
        {
            // What an item replaces is known only from the whole conversation.
            var all = new List<ChatMessage>();
            await VisitEarlierAsync(context, body, all.Add);
            all.AddRange(input);
            input = context.Service<RunEngine>().SeeCompacted(Tenancy.TenantOf(context), all);
            tokens = new TokenCounter(TextEncoding.O200k, context.RequestAborted);
        }

        foreach (var message in input) tokens.Add(message);
        return tokens.Count;
    }

    private static async ValueTask VisitEarlierAsync(HttpContext context, InputTokensBody body, Action<ChatMessage> visit)
    {
        var (tenant, aborted) = (Tenancy.TenantOf(context), context.RequestAborted);
        var run = body.PreviousResponseId is not { } previous ? null : await ResponseChain.PreviousAsync(context.Service<RunEngine>(), tenant, previous, aborted);
        if ((body.Conversation?.Id ?? run?.Session.Id) is not { } source) return;
        await context.Service<SessionService>().VisitMessagesAsync(new SessionKey(tenant, source), run?.Id, m => visit(m.Message), aborted);
    }
}
