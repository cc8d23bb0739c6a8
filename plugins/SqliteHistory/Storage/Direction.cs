using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>
/// How a list is read: from its start or from <c>After</c> onwards; with <c>Before</c> alone from there backwards, because
/// the nearest items are wanted, and then turned round.
/// </summary>
/// <param name="IsUp">Whether rows are read in ascending order.</param>
/// <param name="IsTurned">Whether the rows have to be turned round.</param>
/// <param name="Lower">The id of the item that bounds the rows from below, exclusive; null for none.</param>
/// <param name="Upper">The id of the item that bounds the rows from above, exclusive; null for none.</param>
internal readonly record struct Direction(bool IsUp, bool IsTurned, string? Lower, string? Upper)
{
    public static Direction Of(ListOrder order, string? after, string? before)
    {
        var isAscending = order == ListOrder.Ascending;
        var isTurned = before is not null && after is null;
        return new Direction(isAscending != isTurned, isTurned, isAscending ? after : before, isAscending ? before : after);
    }

    public Page<T> Cut<T>(List<T> items, bool hasMore)
    {
        if (IsTurned) items.Reverse();
        return new Page<T>(items, hasMore);
    }
}
