using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources;

namespace PluginHost.Native.Endpoints;

/// <summary>Fork, export and import sessions.</summary>
internal static class SnapshotEndpoints
{
    public static void MapSnapshots(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("POST", "/v1/sessions/{id}/fork", ForkAsync, "forkSession", "Makes an independent session with the history up to a run.")
            .Takes(typeof(ForkBody), optional: true).GivesSession(201).Refuses(400, 404, 409, 415);
        routes.MapCall("GET", "/v1/sessions/{id}/export", ExportAsync, "exportSession", "Writes a session as a snapshot document.")
            .Query<ExportParameters>().Gives(200, typeof(JsonObject)).Refuses(400, 404);
        routes.MapCall("POST", "/v1/sessions/import", ImportAsync, "importSession", "Restores a session from a snapshot document.")
            .Takes(typeof(JsonObject)).GivesSession(201).Refuses(400, 409, 413, 415);
    }

    private static async Task ForkAsync(HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        var source = Tenancy.SessionOf(context, errors);
        var body = BodyBinder.Bind<ForkBody>(await JsonBody.ReadAsync(context.Request, errors, optional: true), errors);
        errors.ThrowIfAny();
        var session = await context.Service<SessionService>().ForkAsync(source, body.Id, body.Run, context.RequestAborted);
        await context.WriteSessionAsync(StatusCodes.Status201Created, session);
    }

    private static async Task ExportAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var query = QueryBinder.Bind<ExportParameters>(context, errors);
        var session = Tenancy.SessionOf(context, errors);
        errors.ThrowIfAny();
        var snapshot = await context.Service<SessionService>().ExportAsync(session, query.Messages, context.RequestAborted);
        await context.WriteAsync(200, snapshot, ApiJson.Default.JsonObject);
    }

    private static async Task ImportAsync(HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        // An export is as large as its session.
        var server = context.Service<HostConfiguration>().Server;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = Math.Max(server.MaxBodyBytes, server.MaxImportBytes);
        var document = await JsonBody.ReadAsync(context.Request, errors);
        errors.ThrowIfAny();
        var snapshot = JsonObject.Create(document)!;
        var session = await context.Service<SessionService>().ImportAsync(Tenancy.TenantOf(context), snapshot, context.RequestAborted);
        await context.WriteSessionAsync(StatusCodes.Status201Created, session);
    }
}
