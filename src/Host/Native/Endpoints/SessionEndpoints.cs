using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Http.Description;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Native.Endpoints;

/// <summary>Create, list, read, change and delete sessions.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("POST", "/v1/sessions", CreateAsync, "createSession", "Creates a session.")
            .Takes(typeof(CreateSessionBody), optional: true).GivesSession(201).Refuses(400, 409, 413, 415);
        routes.MapCall("GET", "/v1/sessions", ListAsync, "listSessions", "Lists sessions without their state, in the order of their creation or their last save.")
            .Query<SessionListParameters>()
            .Gives(200, typeof(ListResource<SessionResource>)).Refuses(400);
        routes.MapCall("GET", "/v1/sessions/{id}", GetAsync, "getSession", "Reads a session. The ETag is its version.")
            .GivesSession(200).Refuses(400, 404);
        routes.MapCall("PATCH", "/v1/sessions/{id}", PatchAsync, "patchSession", "Merges changes into metadata and state. Honours If-Match.")
            .WithMetadata(new RequestHeader("If-Match", "The version (ETag) that the change is meant for."))
            .Takes(typeof(PatchSessionBody), otherContentType: "application/merge-patch+json")
            .GivesSession(200).Refuses(400, 404, 412, 413, 415);
        routes.MapCall(
            "DELETE", "/v1/sessions/{id}", DeleteAsync, "deleteSession", "Deletes a session everywhere, and says what each plugin removed.")
            .Gives(200, typeof(DeletedSessionResource)).Refuses(400, 404);
    }

    private static async Task CreateAsync(HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        var json = await JsonBody.ReadAsync(context.Request, errors, optional: true);
        var body = BodyBinder.Bind<CreateSessionBody>(json, errors);
        var most = context.Service<HostConfiguration>().Sessions.MaxInputMessages;
        if (body.Messages?.Count > most) errors.Add("messages", $"Has {body.Messages.Count} messages.", $"at most {most} (Sessions:MaxInputMessages)");
        errors.ThrowIfAny();
        var session = await context.Service<SessionService>().CreateAsync(ToNewSession(context, body), context.RequestAborted);
        await context.WriteSessionAsync(StatusCodes.Status201Created, session);
    }

    private static NewSession ToNewSession(HttpContext context, CreateSessionBody body) => new(Tenancy.TenantOf(context))
    {
        Id = body.Id,
        Metadata = body.Metadata,
        State = ToObject(body.State),
        ServiceSessionId = body.ServiceSessionId,
        Messages = [.. (body.Messages ?? []).Select(MessageJson.ToMessage)],
    };

    private static async Task ListAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var query = QueryBinder.Bind<SessionListParameters>(context, errors);
        var page = new SessionQuery
        {
            Tenant = Tenancy.TenantOf(context),
            Limit = query.Limit,
            Order = query.ListOrder,
            After = query.After,
            Before = query.Before,
        };
        var search = new SessionSearch(page)
        {
            ByActivity = query.Sort == "activity",
            IdPrefix = query.Prefix,
            Agent = query.Agent,
            Metadata = query.Metadata ?? ReadOnlyDictionary<string, string>.Empty,
        };
        if (search.HasConditions && query.Before is not null) errors.Add("before", "Must not be given together with conditions.", "after, with order=desc to go back");
        errors.ThrowIfAny();
        var found = await context.Service<SessionService>().SearchAsync(search, context.RequestAborted);
        var list = new ListResource<SessionResource>([.. found.Items.Select(SessionResource.Listed)], found.Next is not null) { Next = found.Next };
        await context.WriteAsync(200, list, ApiJson.Default.ListResourceSessionResource);
    }

    private static async Task GetAsync(HttpContext context)
    {
        var key = context.ReadSessionKey();
        var session = await context.Service<SessionService>().GetAsync(key, context.RequestAborted);
        await context.WriteSessionAsync(StatusCodes.Status200OK, session);
    }

    private static async Task PatchAsync(HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        var key = Tenancy.SessionOf(context, errors);
        var json = await JsonBody.ReadAsync(context.Request, errors);
        var body = BodyBinder.Bind<PatchSessionBody>(json, errors);
        var match = IfMatch.Read(context.Request, errors);
        errors.ThrowIfAny();
        var sessions = context.Service<SessionService>();
        var version = match is null ? null : await match.ChooseAsync(sessions, key, context.RequestAborted);
        var session = await sessions.PatchAsync(key, ToObject(body.Metadata), ToObject(body.State), version, context.RequestAborted);
        await context.WriteSessionAsync(StatusCodes.Status200OK, session);
    }

    private static async Task DeleteAsync(HttpContext context)
    {
        var key = context.ReadSessionKey();
        var removals = await context.Service<SessionService>().DeleteAsync(key, context.RequestAborted);
        await context.WriteAsync(200, DeletedSessionResource.From(key.Id, removals), ApiJson.Default.DeletedSessionResource);
    }

    private static JsonObject? ToObject(IReadOnlyDictionary<string, JsonElement>? values) =>
        values is null ? null : new JsonObject(values.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Key, ToScope(p.Value))));

    private static JsonObject? ToScope(JsonElement value) => value.ValueKind == JsonValueKind.Object ? JsonObject.Create(value) : null;

    private static JsonObject? ToObject(IReadOnlyDictionary<string, string?>? values) =>
        values is null ? null : new JsonObject(values.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)));
}
