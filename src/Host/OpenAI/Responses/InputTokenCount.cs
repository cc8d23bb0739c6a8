using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.ML.Tokenizers;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Tools;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>
/// Counts the tokens of a request's text by the o200k_base encoding: messages, calls, results, instructions and tools. It leaves
/// out images, files, additions of the chain, and what a service puts around messages.
/// </summary>
internal static class InputTokenCount
{
    // Loaded on first use: its data takes tens of megabytes.
    private static readonly Lazy<TiktokenTokenizer> Encoding = new(static () => TiktokenTokenizer.CreateForEncoding("o200k_base"));

    public static async Task CountAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var json = await JsonBody.ReadAsync(context.Request, errors);
        var body = BodyBinder.Bind<InputTokensBody>(json, errors);
        errors.ThrowIfAny();

        var (engine, tenant) = (context.Service<RunEngine>(), Tenancy.TenantOf(context));
        var count = CountText(body.Instructions) + (body.Tools is null ? 0 : ResponseRequest.ToolsIn(json).Sum(t => CountText(t.GetRawText())));
        var messages = await ItemReferences.ResolveAsync(engine, tenant, body.Input, "input", context.RequestAborted);
        var run = body.PreviousResponseId is not { } previous ? null : await ResponseChain.PreviousAsync(engine, tenant, previous, context.RequestAborted);
        var source = body.Conversation?.Id ?? run?.Session.Id;
        if (source is not null)
        {
            var earlier = await context.Service<SessionService>().ReadMessagesAsync(new SessionKey(tenant, source), run?.Id, context.RequestAborted);
            count += earlier.Sum(m => CountMessage(m.Message));
        }

        await context.WriteAsync(200, new InputTokens(count + messages.Sum(CountMessage)), ResponsesJson.Default.InputTokens);
    }

    private static long CountMessage(ChatMessage message) => message.Contents.Sum(c => c switch
    {
        TextContent text => CountText(text.Text),
        TextReasoningContent reasoning => CountText(reasoning.Text),
        ErrorContent refusal => CountText(refusal.Message),
        FunctionCallContent call => CountText(call.Name) + CountText(FunctionArguments.ToText(call)),
        FunctionResultContent { Result: JsonElement { ValueKind: not JsonValueKind.String } json } => CountText(json.GetRawText()),
        FunctionResultContent result => CountText(result.Result?.ToString()),
        _ => 0,
    });

    private static long CountText(string? text) => string.IsNullOrEmpty(text) ? 0 : Encoding.Value.CountTokens(text);
}
