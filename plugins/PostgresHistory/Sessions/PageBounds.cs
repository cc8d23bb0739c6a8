using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>
/// The bounds and the order in which rows of a list are read. With <c>Before</c> alone the nearest rows are wanted, so they are read
/// backwards from it and then reversed.
/// </summary>
internal readonly struct PageBounds(ListOrder order, string? after, string? before)
{
    private readonly bool _isReversed = before is not null && after is null;

    private bool IsAscending => (order == ListOrder.Ascending) != _isReversed;

    /// <summary>The id of the row below all rows of the page; null for none.</summary>
    public string? Lower => order == ListOrder.Ascending ? after : before;

    /// <summary>The id of the row above all rows of the page; null for none.</summary>
    public string? Upper => order == ListOrder.Ascending ? before : after;

    /// <param name="columns">The columns of the order, all ascending.</param>
    public string Order(params string[] columns) => string.Join(", ", IsAscending ? columns : columns.Select(static c => c + " DESC"));

    public Page<T> ToPage<T>(List<T> items, bool hasMore)
    {
        if (_isReversed) items.Reverse();
        return new Page<T> { Items = items, HasMore = hasMore };
    }
}
