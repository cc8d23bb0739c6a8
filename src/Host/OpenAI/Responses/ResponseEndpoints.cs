using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Native;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>Create, read, cancel and delete responses.</summary>
internal static class ResponseEndpoints
{
    private const string One = "/v1/responses/{id}";

    public static void MapResponses(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenAICall("POST", "/v1/responses", CreateAsync);
        routes.MapOpenAICall("GET", One, GetAsync);
        routes.MapOpenAICall("DELETE", One, DeleteAsync);
        routes.MapOpenAICall("POST", One + "/cancel", CancelAsync);
        routes.MapOpenAICall("GET", One + "/input_items", ListInputAsync);
        routes.MapOpenAICall("POST", "/v1/responses/input_tokens", InputTokenCount.CountAsync);
        routes.MapOpenAICall("POST", "/v1/responses/compact", static _ => throw new ProblemException(
            OpenAIProblemTypes.UnsupportedEndpoint, "The host does not compact: its history providers decide what a model is sent."));
    }

    private static async Task CreateAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var json = await JsonBody.ReadAsync(context.Request, errors);
        var request = ResponseRequestReader.Read(json, errors);
        var key = IdempotencyHeader.Read(context.Request, json, errors);
        errors.ThrowIfAny();
        var starter = new ResponseStarter(context.Service<RunEngine>(), context.Service<SessionService>(), Tenancy.TenantOf(context), key);
        var run = await starter.StartAsync(request, context.RequestAborted);
        if (starter.IsReplayed) context.Response.Headers[IdempotencyHeader.Replayed] = "true";
        try
        {
            if (request.Stream) await ResponseStream.WriteAsync(context, run, startingAfter: -1);
            else if (request.Details.Background) await WriteAsync(context, run.Record);
            else await WriteEndAsync(context, await run.Completion.WaitAsync(context.RequestAborted));
        }
        catch
        {
            // Whatever broke, nobody reads this answer any more; a run that has ended is not touched by this.
            run.Abandon();
            throw;
        }
    }

    private static async Task GetAsync(HttpContext context)
    {
        var (tenant, id) = KeyOf(context);
        var errors = new InputErrors();
        var stream = ReadStream(context.Request.Query, errors, out var startingAfter);
        errors.ThrowIfAny();
        var engine = context.Service<RunEngine>();
        var run = await ResponseChain.RequireAsync(engine, tenant, id, context.RequestAborted);
        if (!stream) await WriteAsync(context, run);
        else if (engine.FindLive(tenant, id) is { } live) await ResponseStream.WriteAsync(context, live, startingAfter);
        else await ResponseStream.WriteEndAsync(context, run, startingAfter);
    }

    private static async Task DeleteAsync(HttpContext context)
    {
        var (tenant, id) = KeyOf(context);
        var run = await ResponseChain.RequireAsync(context.Service<RunEngine>(), tenant, id, context.RequestAborted);
        await context.Service<SessionService>().DeleteRunAsync(run.Session, id, ResponseChain.Is(run.Session), context.RequestAborted);
        await context.WriteAsync(200, new Deleted(id, "response.deleted"), ResponsesJson.Default.Deleted);
    }

    private static async Task CancelAsync(HttpContext context)
    {
        var (tenant, id) = KeyOf(context);
        var engine = context.Service<RunEngine>();
        var run = await ResponseChain.RequireAsync(engine, tenant, id, context.RequestAborted);
        if (!ResponseDetailsJson.Of(run).Background)
            throw new ProblemException(OpenAIProblemTypes.ResponseNotInBackground, "Only a response that was created with background set to true can be cancelled.");
        await WriteAsync(context, await engine.CancelAsync(run.Session, id, context.RequestAborted));
    }

    private static async Task ListInputAsync(HttpContext context)
    {
        var (tenant, id) = KeyOf(context);
        var errors = new InputErrors();
        var query = ItemQuery.Read(context.Request.Query, errors);
        errors.ThrowIfAny();
        var run = await ResponseChain.RequireAsync(context.Service<RunEngine>(), tenant, id, context.RequestAborted);
        var items = await new SessionItems(context.Service<SessionService>(), run.Session).InputOfAsync(run.Id, context.RequestAborted);
        await context.WriteAsync(200, query.Cut(items), ResponsesJson.Default.ItemList);
    }

    private static Task WriteAsync(HttpContext context, RunRecord run) => context.WriteAsync(200, ResponseBody.From(run), ResponsesJson.Default.Response);

    /// <summary>A run that failed answers as the model's server would have.</summary>
    private static Task WriteEndAsync(HttpContext context, RunRecord run) => run.Status == RunStatus.Failed
        ? ErrorShape.WriteAsync(context, MappedError.From(Problem.FromFailedRun(run)))
        : WriteAsync(context, run);

    private static (string Tenant, string Id) KeyOf(HttpContext context) => (Tenancy.TenantOf(context), (string)context.GetRouteValue("id")!);

    private static bool ReadStream(IQueryCollection query, InputErrors errors, out long startingAfter)
    {
        startingAfter = -1;
        var stream = query["stream"].ToString();
        if (stream is not ("" or "true" or "false")) errors.Add("stream", "This is neither true nor false.", "true, false");
        if (query.TryGetValue("starting_after", out var after)
            && (!long.TryParse(after, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out startingAfter)))
        {
            errors.Add("starting_after", "This is not a sequence number.", "a whole number from 0");
        }

        return stream == "true";
    }
}
