using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Http.Description;
using PluginHost.Http.Streaming;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Native.Endpoints;

/// <summary>List, read, cancel and attach to runs. Starting them is in <see cref="RunStartEndpoints"/>.</summary>
internal static class RunEndpoints
{
    private const string OneRun = "/v1/sessions/{id}/runs/{run}";

    public static void MapRuns(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("GET", "/v1/sessions/{id}/runs", ListAsync, "listRuns", "Lists the runs of a session.")
            .Query<ListParameters>()
            .Gives(200, typeof(ListResource<RunResource>)).Refuses(400, 404);
        routes.MapCall("GET", OneRun, GetAsync, "getRun", "Reads a run with any status.")
            .Gives(200, typeof(RunResource)).Refuses(400, 404);
        routes.MapCall("GET", OneRun + "/events", AttachAsync, "attachToRun", "Streams the events of a run, those after Last-Event-ID.")
            .WithMetadata(new RequestHeader(LastEventId.Header, "The id of the last event that the client has."), RunEventData.Description)
            .Gives(200, typeof(string), SseWriter.ContentType).Refuses(400, 404);
        routes.MapCall("POST", OneRun + "/cancel", CancelAsync, "cancelRun", "Cancels a run, and returns it when it has ended.")
            .Gives(200, typeof(RunResource)).Refuses(400, 404);
    }

    private static async Task ListAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var query = QueryBinder.Bind<ListParameters>(context, errors);
        var session = Tenancy.SessionOf(context, errors);
        var runs = new RunQuery
        {
            Tenant = session.Tenant,
            SessionId = session.Id,
            Limit = query.Limit,
            Order = query.ListOrder,
            After = query.After,
            Before = query.Before,
        };
        errors.ThrowIfAny();
        var page = await context.Service<RunEngine>().ListRunsAsync(runs, context.RequestAborted);
        await context.WriteAsync(200, ListResource<RunResource>.From(page, RunResource.From), ApiJson.Default.ListResourceRunResource);
    }

    private static async Task GetAsync(HttpContext context)
    {
        var (session, run) = context.ReadRunKey();
        await RunResourceFormat.Instance.WriteAsync(context, await context.Service<RunEngine>().GetRunAsync(session, run, context.RequestAborted));
    }

    private static async Task CancelAsync(HttpContext context)
    {
        var (session, run) = context.ReadRunKey();
        await RunResourceFormat.Instance.WriteAsync(context, await context.Service<RunEngine>().CancelAsync(session, run, context.RequestAborted));
    }

    private static async Task AttachAsync(HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        var session = Tenancy.SessionOf(context, errors);
        var run = Tenancy.RunOf(context, errors);
        var lastSeen = LastEventId.Read(context.Request, errors);
        errors.ThrowIfAny();
        // Also when another host answers.
        context.BecomeStreamIf(true);
        var engine = context.Service<RunEngine>();
        if (await engine.AttachAsync(session, run, context.RequestAborted) is { } live)
        {
            await RunAnswer.StreamAsync(context, live, RunResourceFormat.Instance, lastSeen);
            return;
        }

        // The record of a run that was streamed, or in the background, has its events; that of another one the content of the last one.
        var record = await engine.GetRunAsync(session, run, context.RequestAborted);
        if (record.Outline is not null) await RunAnswer.StreamAsync(context, RunHandle.FromEnded(record), RunResourceFormat.Instance, lastSeen);
        else await RunAnswer.StreamAsync(context, RunEventMapper.EndOf(record, lastSeen + 1));
    }
}
