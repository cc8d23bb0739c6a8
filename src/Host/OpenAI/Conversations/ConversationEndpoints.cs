using System.Text.Json.Nodes;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Responses;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Conversations;

/// <summary>Create, read, change and delete conversations: sessions.</summary>
internal static class ConversationEndpoints
{
    private const string Prefix = "conv_";
    private const string One = "/v1/conversations/{id}";

    public static void MapConversations(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenAICall("POST", "/v1/conversations", CreateAsync);
        routes.MapOpenAICall("GET", One, GetAsync);
        routes.MapOpenAICall("POST", One, UpdateAsync);
        routes.MapOpenAICall("DELETE", One, DeleteAsync);
        routes.MapConversationItems();
    }

    /// <exception cref="ProblemException">404: an id that no session can have.</exception>
    public static SessionKey KeyOf(HttpContext context)
    {
        var id = (string)context.GetRouteValue("id")!;
        return SessionIds.IsValid(id) ? new SessionKey(Tenancy.TenantOf(context), id) : throw ProblemException.SessionNotFound(id);
    }

    public static Task WriteAsync(HttpContext context, SessionRecord session) => context.WriteAsync(
        200,
        new Conversation(session.Key.Id, "conversation", session.CreatedAt.ToUnixTimeSeconds(), session.Metadata),
        ResponsesJson.Default.Conversation);

    private static async Task CreateAsync(HttpContext context)
    {
        var errors = new InputErrors();
        IdempotencyHeader.Refuse(context.Request, errors);
        var body = BodyBinder.Bind<NewConversationBody>(await JsonBody.ReadAsync(context.Request, errors, optional: true), errors);
        errors.ThrowIfAny();

        var tenant = Tenancy.TenantOf(context);
        var sessions = context.Service<SessionService>();
        var messages = await ItemReferences.ResolveAsync(context, body.Items, "items");
        context.Service<RunEngine>().CheckCompaction(tenant, messages, "items");
        var created = new NewSession(tenant) { Id = ItemIds.New(Prefix), Metadata = body.Metadata, Messages = messages, MessageIdOf = ConversationItemEndpoints.IdOf };
        await WriteAsync(context, await sessions.CreateAsync(created, context.RequestAborted));
    }

    private static async Task GetAsync(HttpContext context) =>
        await WriteAsync(context, await context.Service<SessionService>().GetAsync(KeyOf(context), context.RequestAborted));

    /// <summary>Replaces the metadata.</summary>
    private static async Task UpdateAsync(HttpContext context)
    {
        var errors = new InputErrors();
        IdempotencyHeader.Refuse(context.Request, errors);
        var body = BodyBinder.Bind<ConversationUpdateBody>(await JsonBody.ReadAsync(context.Request, errors), errors);
        errors.ThrowIfAny();

        var sessions = context.Service<SessionService>();
        var key = KeyOf(context);
        var patch = new JsonObject();
        foreach (var name in (await sessions.GetAsync(key, context.RequestAborted)).Metadata.Keys) patch[name] = null;
        foreach (var (name, value) in body.Metadata) patch[name] = value;
        await WriteAsync(context, await sessions.PatchAsync(key, patch, null, null, context.RequestAborted));
    }

    private static async Task DeleteAsync(HttpContext context)
    {
        var key = KeyOf(context);
        await context.Service<SessionService>().DeleteAsync(key, context.RequestAborted);
        await context.WriteAsync(200, new Deleted(key.Id, "conversation.deleted"), ResponsesJson.Default.Deleted);
    }
}
