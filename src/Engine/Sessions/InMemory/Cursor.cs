using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>Cuts a page out of a whole list by cursors.</summary>
internal static class Cursor
{
    /// <param name="items">All items, oldest first; may be changed.</param>
    /// <param name="order">The order of the page.</param>
    /// <param name="after">Begin behind this id, in that order.</param>
    /// <param name="before">End in front of this id, in that order; the nearest items are kept.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="idOf">An item's id.</param>
    public static Page<T> Cut<T>(List<T> items, ListOrder order, string? after, string? before, int limit, Func<T, string> idOf)
    {
        if (order == ListOrder.Descending) items.Reverse();
        var start = 0;
        var end = items.Count;
        if (after is not null)
        {
            var index = items.FindIndex(i => idOf(i) == after);
            start = index < 0 ? end : index + 1;
        }

        if (before is not null) end = Math.Max(start, items.FindIndex(i => idOf(i) == before));
        var count = Math.Min(limit, end - start);
        var first = before is not null && after is null ? end - count : start;
        return new Page<T> { Items = items.GetRange(first, count), HasMore = end - start > count };
    }
}
