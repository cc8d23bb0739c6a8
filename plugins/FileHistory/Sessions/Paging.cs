namespace PluginHost.Files.Sessions;

/// <summary>Selects one page of a list.</summary>
internal static class Paging
{
    /// <param name="items">All items, oldest first. The call may change their order.</param>
    /// <param name="id">Gets the cursor of an item.</param>
    /// <param name="bounds">The bounds of the query.</param>
    public static Page<T> GetPage<T>(List<T> items, Func<T, string> id, PageBounds bounds)
    {
        var bounded = GetBounded(items, id, bounds);
        if (bounded.Count <= bounds.Limit) return new Page<T> { Items = bounded, HasMore = false };
        return new Page<T> { Items = bounded.GetRange(bounds.IsFromEnd ? bounded.Count - bounds.Limit : 0, bounds.Limit), HasMore = true };
    }

    /// <summary>Selects all items within the bounds, in the order of the query.</summary>
    /// <inheritdoc cref="GetPage"/>
    public static List<T> GetBounded<T>(List<T> items, Func<T, string> id, PageBounds bounds)
    {
        if (bounds.Order == ListOrder.Descending) items.Reverse();
        var from = bounds.After is null ? 0 : items.FindIndex(i => id(i) == bounds.After) + 1;
        var to = bounds.Before is null ? items.Count : items.FindIndex(i => id(i) == bounds.Before);
        if ((bounds.After is not null && from == 0) || to < 0) return [];
        return [.. items.Take(to).Skip(from)];
    }

    /// <summary>Ends a page after a number of bytes, but not before its first item.</summary>
    /// <param name="page">The page.</param>
    /// <param name="length">Gets the bytes of an item.</param>
    /// <param name="maxBytes">The number of bytes; null for no bound.</param>
    /// <param name="nearEnd">Whether the page has the last items before a cursor, so that its first ones go.</param>
    public static Page<T> Cut<T>(Page<T> page, Func<T, long> length, long? maxBytes, bool nearEnd)
    {
        var (count, bytes) = (0, 0L);
        while (count < page.Items.Count && !(bytes > maxBytes))
        {
            bytes += length(page.Items[nearEnd ? page.Items.Count - 1 - count : count]);
            count++;
        }

        if (count == page.Items.Count) return page;
        return new Page<T> { Items = [.. nearEnd ? page.Items.TakeLast(count) : page.Items.Take(count)], HasMore = true };
    }
}

/// <summary>The bounds of a query for sessions or runs.</summary>
internal readonly record struct PageBounds(string? After, string? Before, int Limit, ListOrder Order)
{
    /// <summary>Whether the page holds the last items: those nearest to <see cref="Before"/>.</summary>
    public bool IsFromEnd => Before is not null && After is null;
}
