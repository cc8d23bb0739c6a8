using System.ComponentModel.DataAnnotations;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Approvals;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.WebSockets;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Responses;

/// <summary>Create, read, cancel and delete responses.</summary>
internal static class ResponseEndpoints
{
    private const string One = "/v1/responses/{id}";

    /// <summary>The number of the first event in a stream that holds a part of the output.</summary>
    private const int FirstDelta = 4;

    public static void MapResponses(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenAICall("POST", "/v1/responses", CreateAsync);
        routes.MapOpenAICall("GET", "/v1/responses", SocketEndpoint.Create(routes));
        routes.MapOpenAICall("GET", One, GetAsync);
        routes.MapOpenAICall("DELETE", One, DeleteAsync);
        routes.MapOpenAICall("POST", One + "/cancel", CancelAsync);
        routes.MapOpenAICall("GET", One + "/input_items", ListInputAsync);
        routes.MapOpenAICall("POST", "/v1/responses/input_tokens", InputTokenCount.CountAsync);
        routes.MapOpenAICall("POST", "/v1/responses/compact", CompactEndpoint.CompactAsync);
    }

    private static async Task CreateAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var json = await JsonBody.ReadAsync(context.Request, errors);
        var key = IdempotencyHeader.Read(context.Request, json, errors);
        if (ApprovalAnswers.AreIn(json))
        {
            await DecideAsync(context, BodyBinder.Bind<ResponseRequestBody>(json, errors), key, errors);
            return;
        }

        var request = ResponseRequestReader.Read(context, json, errors);
        var mode = request.Body.Stream ? AnswerMode.Stream : request.Body.Background ? AnswerMode.Background : AnswerMode.Wait;
        context.BecomeStreamIf(mode == AnswerMode.Stream);
        // No delegate of the method itself: one with a bound first argument is slow to make.
        var run = await new ResponseStarter(context, key, command => context.StartRunAsync(command)).StartAsync(request);
        AnswerHeaders.AddModel(context, run);
        await RunAnswer.WriteAsync(context, run, new ResponseFormat(request.Details), mode);
    }

    /// <summary>The response that waited continues under its id; the answer has what comes behind the approvals.</summary>
    private static async Task DecideAsync(HttpContext context, ResponseRequestBody body, RequestKey key, InputErrors errors)
    {
        var mode = body.Stream ? AnswerMode.Stream : body.Background ? AnswerMode.Background : AnswerMode.Wait;
        context.BecomeStreamIf(mode == AnswerMode.Stream);
        var (run, behind) = await new ApprovalAnswers(context, key).DecideAsync(body, errors);
        AnswerHeaders.AddModel(context, run);
        await RunAnswer.WriteAsync(context, run, new ResponseFormat(ResponseDetailsJson.Read(run.Record), behind), mode);
    }

    private static async Task GetAsync(HttpContext context)
    {
        var (tenant, id) = KeyOf(context);
        var errors = new InputErrors();
        var (stream, startingAfter) = QueryBinder.Bind<StreamQuery>(context, errors, isLenient: true);
        errors.ThrowIfAny();
        var engine = context.Service<RunEngine>();
        var run = await ResponseChain.RequireAsync(engine, tenant, id, context.RequestAborted);
        if (!stream) await ResponseFormat.Existing.WriteAsync(context, run);
        else if (engine.FindLive(tenant, id) is { } live) await RunAnswer.StreamAsync(context, live, ResponseFormat.Existing, startingAfter);
        // The record of a run that was streamed, or in the background, gives the same events. That of another one gives fewer deltas: up to
        // the first delta their numbers agree; behind it the caller has an unknown part of the text, and gets all of it in the last event.
        else if (startingAfter < FirstDelta || run.Outline is not null) await RunAnswer.StreamAsync(context, RunHandle.FromEnded(run), ResponseFormat.Existing, startingAfter);
        else await RunAnswer.StreamAsync(context, ResponseStreamMapper.EndOf(run, startingAfter + 1));
    }

    private static async Task DeleteAsync(HttpContext context)
    {
        var (tenant, id) = KeyOf(context);
        var engine = context.Service<RunEngine>();
        var run = await ResponseChain.RequireAsync(engine, tenant, id, context.RequestAborted);
        if (RunParking.IsParked(run)) await engine.CancelAsync(run.Session, id, context.RequestAborted);
        await context.Service<SessionService>().DeleteRunAsync(run.Session, id, ResponseChain.IsChain(run.Session), context.RequestAborted);
        await context.WriteAsync(200, new Deleted(id, "response.deleted"), ResponsesJson.Default.Deleted);
    }

    private static async Task CancelAsync(HttpContext context)
    {
        var (tenant, id) = KeyOf(context);
        var engine = context.Service<RunEngine>();
        var run = await ResponseChain.RequireAsync(engine, tenant, id, context.RequestAborted);
        if (!ResponseDetailsJson.Read(run).Background)
            throw new ProblemException(OpenAIProblemTypes.ResponseNotInBackground, "Only a response that was created with background set to true can be cancelled.");
        await ResponseFormat.Existing.WriteAsync(context, await engine.CancelAsync(run.Session, id, context.RequestAborted));
    }

    private static async Task ListInputAsync(HttpContext context)
    {
        var (tenant, id) = KeyOf(context);
        var errors = new InputErrors();
        var query = QueryBinder.Bind<ItemQuery>(context, errors, isLenient: true);
        errors.ThrowIfAny();
        var engine = context.Service<RunEngine>();
        var run = await ResponseChain.RequireAsync(engine, tenant, id, context.RequestAborted);
        // While it is in progress, no history has it.
        var items = engine.FindLive(tenant, id)?.Input is { } input
            ? InputItems.OfRun(id, input)
            : await new SessionItems(context.Service<SessionService>(), run.Session).InputOfAsync(run.Id, context.RequestAborted);
        await context.WriteAsync(200, query.Cut(items), ResponsesJson.Default.ItemList);
    }

    private static (string Tenant, string Id) KeyOf(HttpContext context) => (Tenancy.TenantOf(context), (string)context.GetRouteValue("id")!);

    private sealed record StreamQuery(bool Stream = false, [Range(0, int.MaxValue)] int StartingAfter = -1);
}
