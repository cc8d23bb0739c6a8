using PluginHost.Engine.Sessions.Admin;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Native.Endpoints;

/// <summary>The history of a session.</summary>
internal static class MessageEndpoints
{
    public static void MapMessages(this IEndpointRouteBuilder routes) =>
        routes.MapCall("GET", "/v1/sessions/{id}/messages", ListAsync, "listMessages", "Lists the messages of a session.")
            .Query<MessageListParameters>()
            .Gives(200, typeof(ListResource<MessageResource>)).Refuses(400, 404);

    private static async Task ListAsync(HttpContext context)
    {
        var errors = new InputErrors();
        var query = QueryBinder.Bind<MessageListParameters>(context, errors);
        var messages = ToQuery(Tenancy.SessionOf(context, errors), query);
        if (query.Run is not null && (query.After ?? query.Before) is not null) errors.Add("run", "Must not be given together with a cursor.", "run without after and before");
        errors.ThrowIfAny();
        var page = await context.Service<SessionService>().ListMessagesAsync(messages, context.RequestAborted);
        if (query.Run is { } run) page = SelectRun(page, run, query.ListOrder);
        var list = ListResource<MessageResource>.From(page, MessageJson.FromHistory);
        await context.WriteAsync(200, list, ApiJson.Default.ListResourceMessageResource);
    }

    /// <summary>A run's messages are the last ones up to it.</summary>
    private static Page<HistoryMessage> SelectRun(Page<HistoryMessage> newestFirst, string run, ListOrder order)
    {
        var items = newestFirst.Items.Where(m => m.RunId == run);
        return new()
        {
            Items = [.. order == ListOrder.Ascending ? items.Reverse() : items],
            HasMore = newestFirst is { HasMore: true, Items: [.., var oldest] } && oldest.RunId == run,
        };
    }

    /// <summary>The API's cursors follow the order of the list; a history's are older and newer.</summary>
    private static HistoryQuery ToQuery(SessionKey session, MessageListParameters query)
    {
        var oldestFirst = query.ListOrder == ListOrder.Ascending;
        return new HistoryQuery
        {
            Session = session,
            Limit = query.Limit,
            Order = query.Run is null ? query.ListOrder : ListOrder.Descending,
            UpToRun = query.Run,
            After = oldestFirst ? query.After : query.Before,
            Before = oldestFirst ? query.Before : query.After,
            IncludeFailed = query.IncludeFailed,
        };
    }
}
