using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.Store;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Items;

/// <summary>
/// The items of a session's history. The messages of a run are one group, because calls and results in its output belong together;
/// a message of no run is a separate group.
/// </summary>
internal sealed class SessionItems(SessionService sessions, SessionKey session)
{
    private const int PageSize = 100;

    /// <summary>The items of a run's input, of a failed one too.</summary>
    public async ValueTask<List<Item>> InputOfAsync(string runId, CancellationToken cancellationToken)
    {
        var group = await GroupOfRunAsync(runId, includeFailed: true, cancellationToken);
        return group is null ? [] : [.. group.Items.Where(i => i.Origin == MessageOrigin.Input).Select(i => i.Item)];
    }

    /// <summary>One item with its message; null when there is none.</summary>
    public async ValueTask<SessionItem?> FindAsync(string itemId, CancellationToken cancellationToken) =>
        await GroupOfAsync(itemId, cancellationToken) is { } group ? group.Items.Find(i => i.Item.Id == itemId) : null;

    /// <exception cref="ProblemException">404 for the session; 400 for an unknown cursor.</exception>
    public async ValueTask<ItemList> ListAsync(ItemQuery query, CancellationToken cancellationToken)
    {
        var found = new List<Item>();
        string? behind = null;
        if (query.After is { } after)
        {
            var group = await GroupOfAsync(after, cancellationToken);
            var rest = group?.InOrder(query.ListOrder).SkipWhile(i => i.Id != after).ToList() ?? [];
            if (group is null || rest.Count == 0) throw ItemQuery.UnknownCursor(after);
            found.AddRange(rest.Skip(1));
            behind = group.Edge(query.ListOrder);
        }

        // More than a page in number or in bytes shows that there is another one.
        await foreach (var group in GroupsAsync(query.ListOrder, behind, cancellationToken))
        {
            if (found.Count > query.Limit || PageBytes.CountFitting(found, ItemSize.Measure) < found.Count) break;
            found.AddRange(group.InOrder(query.ListOrder));
        }

        return query.Page(found);
    }

    private async IAsyncEnumerable<ItemGroup> GroupsAsync(
        ListOrder order, string? behind, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var open = new List<HistoryMessage>();
        while (true)
        {
            var page = await LoadAsync(order, behind, upToRun: null, includeFailed: false, cancellationToken);
            foreach (var message in page.Items)
            {
                if (open.Count > 0 && (message.RunId is null || message.RunId != open[0].RunId))
                {
                    yield return ItemGroup.From(open, order);
                    open = [];
                }

                open.Add(message);
            }

            if (!page.HasMore || page.Items.Count == 0) break;
            behind = page.Items[^1].Id;
        }

        if (open.Count > 0) yield return ItemGroup.From(open, order);
    }

    private async ValueTask<ItemGroup?> GroupOfAsync(string itemId, CancellationToken cancellationToken)
    {
        if (!SessionIds.IsValid(itemId) || ItemIds.Parse(itemId) is not { } place) return null;
        if (place.Kind == 'm') return await GroupOfMessageAsync(place.Key, cancellationToken);
        return await GroupOfRunAsync(ItemIds.ResponsePrefix + place.Key, includeFailed: false, cancellationToken)
            ?? await GroupOfRunAsync("run_" + place.Key, includeFailed: false, cancellationToken)
            ?? await GroupOfRunAsync(place.Key, includeFailed: false, cancellationToken);
    }

    private async ValueTask<ItemGroup?> GroupOfRunAsync(string runId, bool includeFailed, CancellationToken cancellationToken)
    {
        var messages = new List<HistoryMessage>();
        string? behind = null;
        while (true)
        {
            var page = await LoadAsync(ListOrder.Descending, behind, runId, includeFailed, cancellationToken);
            var own = page.Items.TakeWhile(m => m.RunId == runId).ToList();
            messages.AddRange(own);
            if (own.Count < page.Items.Count || !page.HasMore || page.Items.Count == 0) break;
            behind = page.Items[^1].Id;
        }

        return messages.Count == 0 ? null : ItemGroup.From(messages, ListOrder.Descending);
    }

    private async ValueTask<ItemGroup?> GroupOfMessageAsync(string messageId, CancellationToken cancellationToken)
    {
        try
        {
            var before = await sessions.ListMessagesAsync(
                new HistoryQuery { Session = session, Before = messageId, Limit = 1, Order = ListOrder.Descending }, cancellationToken);
            var query = new HistoryQuery { Session = session, Limit = 1, After = before.Items.Count == 0 ? null : before.Items[0].Id };
            var found = await sessions.ListMessagesAsync(query, cancellationToken);
            return found.Items.Count == 1 && found.Items[0].Id == messageId && found.Items[0].RunId is null
                ? ItemGroup.From([found.Items[0]], ListOrder.Ascending)
                : null;
        }
        catch (ProblemException e) when (e.Type == ProblemTypes.InvalidRequest)
        {
            // The history does not know the message.
            return null;
        }
    }

    private ValueTask<Page<HistoryMessage>> LoadAsync(
        ListOrder order, string? behind, string? upToRun, bool includeFailed, CancellationToken cancellationToken) =>
        sessions.ListMessagesAsync(
            new HistoryQuery
            {
                Session = session,
                Order = order,
                Limit = PageSize,
                After = order == ListOrder.Ascending ? behind : null,
                Before = order == ListOrder.Descending ? behind : null,
                UpToRun = upToRun,
                IncludeFailed = includeFailed,
            },
            cancellationToken);
}
