using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Http;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Responses;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Conversations;

/// <summary>List, add, read and delete the items of a conversation.</summary>
internal static class ConversationItemEndpoints
{
    private const string All = "/v1/conversations/{id}/items";

    public static void MapConversationItems(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenAICall("GET", All, ListAsync);
        routes.MapOpenAICall("POST", All, CreateAsync);
        routes.MapOpenAICall("GET", All + "/{item}", GetAsync);
        routes.MapOpenAICall("DELETE", All + "/{item}", DeleteAsync);
    }

    /// <summary>The id of a message that is one item: the item's id.</summary>
    public static string IdOf(ChatMessage message) => ItemIds.New(message.Contents[0] switch
    {
        FunctionCallContent => ItemIds.Call,
        FunctionResultContent => ItemIds.Output,
        TextReasoningContent => ItemIds.Reasoning,
        _ => ItemIds.Message,
    });

    private static async Task ListAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var query = QueryBinder.Bind<ItemQuery>(context, errors, isLenient: true);
        errors.ThrowIfAny();
        var items = new SessionItems(context.Service<SessionService>(), ConversationEndpoints.KeyOf(context));
        await context.WriteAsync(200, await items.ListAsync(query, context.RequestAborted), ResponsesJson.Default.ItemList);
    }

    private static async Task CreateAsync(HttpContext context)
    {
        var errors = new InputErrors();
        IdempotencyHeader.Refuse(context.Request, errors);
        var body = BodyBinder.Bind<NewItemsBody>(await JsonBody.ReadAsync(context.Request, errors), errors);
        errors.ThrowIfAny();

        var key = ConversationEndpoints.KeyOf(context);
        var messages = await ItemReferences.ResolveAsync(context, body.Items, "items");
        context.Service<RunEngine>().CheckCompaction(key.Tenant, messages, "items");
        var added = messages.Select(m => new HistoryMessage { Id = IdOf(m), Origin = SessionService.PartOf(m), Message = m }).ToList();
        await context.Service<SessionService>().AppendAsync(key, added, context.RequestAborted);
        var list = added.SelectMany(m => InputItems.From(m.Message, (prefix, place) => ItemIds.OfMessage(prefix, m.Id, place))).ToList();
        await context.WriteAsync(200, new ItemList(list, HasMore: false), ResponsesJson.Default.ItemList);
    }

    private static async Task GetAsync(HttpContext context)
    {
        var (_, item) = await RequireAsync(context);
        await context.WriteAsync(200, item.Item, ResponsesJson.Default.Item);
    }

    /// <summary>Deletes the whole message that holds the item, because a model would refuse a part of it.</summary>
    private static async Task DeleteAsync(HttpContext context)
    {
        var (key, item) = await RequireAsync(context);
        await ConversationEndpoints.WriteAsync(
            context, await context.Service<SessionService>().DeleteMessagesAsync(key, [item.MessageId], context.RequestAborted));
    }

    private static async ValueTask<(SessionKey Session, SessionItem Item)> RequireAsync(HttpContext context)
    {
        var key = ConversationEndpoints.KeyOf(context);
        var id = (string)context.GetRouteValue("item")!;
        var sessions = context.Service<SessionService>();
        await sessions.GetAsync(key, context.RequestAborted);
        var item = await new SessionItems(sessions, key).FindAsync(id, context.RequestAborted)
            ?? throw new ProblemException(OpenAIProblemTypes.ItemNotFound, $"There is no item '{id}' in conversation '{key.Id}'.");
        return (key, item);
    }
}
