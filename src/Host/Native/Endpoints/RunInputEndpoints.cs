using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Http.Description;
using PluginHost.Native.Resources;

namespace PluginHost.Native.Endpoints;

/// <summary>Give messages to a run in progress.</summary>
internal static class RunInputEndpoints
{
    public static void MapRunInput(this IEndpointRouteBuilder routes) =>
        routes.MapCall(
            "POST",
            "/v1/sessions/{id}/runs/{run}/input",
            AddAsync,
            "addRunInput",
            "Gives messages of the user to a run in progress. Its next call of the model has them; when none follows, the model is called once more.")
            .Takes(typeof(RunInputBody))
            .WithMetadata(new RequestHeader(IdempotencyHeader.Name, "Makes the request safe to repeat: the same key and body give the messages once."))
            .WithMetadata(new ResponseHeader(IdempotencyHeader.Replayed, "true when the run has had the messages since an earlier request with the key.", 202))
            .Gives(202, typeof(RunResource)).WithMetadata(new ResponseHeader("Location", "The address of the run.", 202))
            .Refuses(400, 404, 409, 413, 415, 422);

    private static async Task AddAsync(HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        var session = Tenancy.SessionOf(context, errors);
        var run = Tenancy.RunOf(context, errors);
        var json = await JsonBody.ReadAsync(context.Request, errors);
        var body = BodyBinder.Bind<RunInputBody>(json, errors);
        var key = IdempotencyHeader.Read(context.Request, json, errors);
        errors.ThrowIfAny();
        var input = new RunInput([.. body.Input.Select(MessageJson.ToMessage)]) { IdempotencyKey = key.Key, RequestHash = key.RequestHash };
        var (record, isRepeated) = await context.Service<RunEngine>().AddInputAsync(session, run, input, context.RequestAborted);
        if (isRepeated) context.Response.Headers[IdempotencyHeader.Replayed] = "true";
        await RunResourceFormat.Instance.WriteAcceptedAsync(context, record);
    }
}
