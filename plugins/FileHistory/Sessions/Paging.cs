namespace PluginHost.Files.Sessions;

/// <summary>Selects one page of a list.</summary>
internal static class Paging
{
    /// <param name="items">All items, oldest first. The call may change their order.</param>
    /// <param name="id">Gets the cursor of an item.</param>
    /// <param name="bounds">The bounds of the query.</param>
    public static Page<T> GetPage<T>(List<T> items, Func<T, string> id, PageBounds bounds)
    {
        if (bounds.Order == ListOrder.Descending) items.Reverse();
        var from = bounds.After is null ? 0 : items.FindIndex(i => id(i) == bounds.After) + 1;
        var to = bounds.Before is null ? items.Count : items.FindIndex(i => id(i) == bounds.Before);
        if ((bounds.After is not null && from == 0) || to < 0) return new Page<T>([], false);

        List<T> bounded = [.. items.Take(to).Skip(from)];
        if (bounded.Count <= bounds.Limit) return new Page<T>(bounded, false);
        var nearEnd = bounds.Before is not null && bounds.After is null;
        return new Page<T>(bounded.GetRange(nearEnd ? bounded.Count - bounds.Limit : 0, bounds.Limit), true);
    }
}

/// <summary>The bounds of a query for sessions or runs.</summary>
internal readonly record struct PageBounds(string? After, string? Before, int Limit, ListOrder Order);
