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

        var (engine, tenant) = (context.Service<RunEngine>(), Tenancy.TenantOf(context));
        var count = TokenEstimate.CountText(body.Instructions) + (body.Tools is null ? 0 : ResponseRequest.ToolsIn(json).Sum(t => TokenEstimate.CountText(t.GetRawText())));
        var messages = await ItemReferences.ResolveAsync(engine, tenant, body.Input, "input", context.RequestAborted);
        var run = body.PreviousResponseId is not { } previous ? null : await ResponseChain.PreviousAsync(engine, tenant, previous, context.RequestAborted);
        var source = body.Conversation?.Id ?? run?.Session.Id;
        if (source is not null)
        {
            var earlier = await context.Service<SessionService>().ReadMessagesAsync(new SessionKey(tenant, source), run?.Id, context.RequestAborted);
            count += earlier.Sum(m => TokenEstimate.CountMessage(m.Message));
        }

        await context.WriteAsync(200, new InputTokens(count + messages.Sum(TokenEstimate.CountMessage)), ResponsesJson.Default.InputTokens);
    }
}
