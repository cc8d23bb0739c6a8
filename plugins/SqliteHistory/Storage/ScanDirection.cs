using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>
/// The order in which rows of a list are read. With <c>Before</c> alone the nearest items are wanted, so rows are read backwards
/// from it and then reversed.
/// </summary>
/// <param name="IsAscending">Whether rows are read in ascending order.</param>
/// <param name="IsReversed">Whether the rows must be reversed after reading.</param>
/// <param name="Lower">The id of the item below all rows; null for none.</param>
/// <param name="Upper">The id of the item above all rows; null for none.</param>
internal readonly record struct ScanDirection(bool IsAscending, bool IsReversed, string? Lower, string? Upper)
{
    public static ScanDirection From(ListOrder order, string? after, string? before)
    {
        var isAscending = order == ListOrder.Ascending;
        var isReversed = before is not null && after is null;
        return new ScanDirection(isAscending != isReversed, isReversed, isAscending ? after : before, isAscending ? before : after);
    }

    public Page<T> ToPage<T>(List<T> items, bool hasMore)
    {
        if (IsReversed) items.Reverse();
        return new Page<T> { Items = items, HasMore = hasMore };
    }
}
