using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Tools;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary><c>POST /v1/responses/compact</c>: a run of the agent that stores nothing, and whose answer is a compaction item.</summary>
internal static class CompactEndpoint
{
    /// <summary>Parameters that have a place elsewhere in what a model is sent.</summary>
    private static readonly HashSet<string> OfTheHost = ["model", "input", "instructions", "previous_response_id"];

    public static async Task CompactAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var json = await JsonBody.ReadAsync(context.Request, errors);
        IdempotencyHeader.Refuse(context.Request, errors);
        var body = BodyBinder.Bind<CompactBody>(json, errors);
        var model = context.Service<RunEngine>().FindAgent(body.Model)?.Model;
        var (unknown, hosted) = (model?.UnknownParameters ?? UnknownParameters.Refuse, new HostedParts(model));
        RequestParameters.Check(body, unknown, errors);
        ItemBody.CheckHosted(body.Input, hosted, errors);
        errors.ThrowIfAny();

        var input = await ItemReferences.ResolveAsync(context, hosted.Keep(body.Input ?? []), "input");
        var earlier = await ReadEarlierAsync(context, body.PreviousResponseId);
        if (input.Count + earlier.Count == 0) throw ProblemException.Invalid(new ProblemError("input", "There is nothing to compact.", "the items of the conversation, or a previous_response_id"));
        var options = SentParameters.Add(new ChatOptions(), RequestParameters.From(json, OfTheHost, body, unknown));
        var run = await context.StartRunAsync(new RunCommand
        {
            Tenant = Tenancy.TenantOf(context),
            Agent = body.Model,
            Input = [.. input, CompactionItem.CreateTrigger()],
            Instructions = body.Instructions,
            Options = CompactionItem.Ask(options),
            Stateless = true,
            Earlier = earlier,
            RunIdPrefix = ItemIds.ResponsePrefix,
        });
        AnswerHeaders.AddModel(context, run);
        await RunAnswer.WriteAsync(context, run, new CompactionFormat([.. earlier.Select(static m => m.Message), .. input]), AnswerMode.Wait);
    }

    private static async ValueTask<IReadOnlyList<HistoryMessage>> ReadEarlierAsync(HttpContext context, string? previous)
    {
        if (previous is null) return [];
        var (tenant, aborted) = (Tenancy.TenantOf(context), context.RequestAborted);
        var run = await ResponseChain.PreviousAsync(context.Service<RunEngine>(), tenant, previous, aborted);
        return await context.Service<SessionService>().ReadMessagesAsync(run.Session, run.Id, aborted);
    }
}

/// <summary>The body of <c>POST /v1/responses/compact</c>. Codex sends parameters of its responses with it, which a model's service gets as they are.</summary>
[Ignores(
    "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "service_tier", "image",
    "tools", "parallel_tool_calls", "reasoning", "text")]
internal sealed record CompactBody(
    string? Model = null, [OrText("items")] IReadOnlyList<ItemBody>? Input = null, string? Instructions = null, string? PreviousResponseId = null) : IOpenBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }
}
