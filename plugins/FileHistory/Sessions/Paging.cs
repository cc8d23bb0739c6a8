namespace PluginHost.Files.Sessions;

/// <summary>Cuts a page out of a list.</summary>
internal static class Paging
{
    /// <param name="ascending">All items, oldest first; changed by the call.</param>
    /// <param name="id">An item's cursor.</param>
    /// <param name="cut">After, before, limit and order of the query.</param>
    public static Page<T> Cut<T>(List<T> ascending, Func<T, string> id, PageCut cut)
    {
        if (cut.Order == ListOrder.Descending) ascending.Reverse();
        var from = cut.After is null ? 0 : ascending.FindIndex(i => id(i) == cut.After) + 1;
        var to = cut.Before is null ? ascending.Count : ascending.FindIndex(i => id(i) == cut.Before);
        if ((cut.After is not null && from == 0) || to < 0) return new Page<T>([], false);

        List<T> bounded = [.. ascending.Take(to).Skip(from)];
        if (bounded.Count <= cut.Limit) return new Page<T>(bounded, false);
        var nearEnd = cut.Before is not null && cut.After is null;
        return new Page<T>(bounded.GetRange(nearEnd ? bounded.Count - cut.Limit : 0, cut.Limit), true);
    }
}

/// <summary>What sessions and runs have in common when they are listed.</summary>
internal readonly record struct PageCut(string? After, string? Before, int Limit, ListOrder Order);
