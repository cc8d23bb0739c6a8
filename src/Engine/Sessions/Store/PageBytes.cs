using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>
/// Bounds pages by their content, so that a page takes as much memory as one large message at most. Stores that ship end a page
/// early themselves; this holds for all others too.
/// </summary>
internal static class PageBytes
{
    /// <summary>After how many bytes of content a page ends.</summary>
    public const long Max = 4 * 1024 * 1024;

    public static Page<HistoryMessage> Cut(Page<HistoryMessage> page, HistoryQuery query) =>
        Cut(page, query.MaxBytes, static m => MessageSize.Measure(m.Message), isReversed: false);

    /// <summary>A page of the nearest runs before a cursor is cut at its far end.</summary>
    public static Page<RunRecord> Cut(Page<RunRecord> page, RunQuery query) =>
        Cut(page, query.MaxBytes, static r => r.Output.Sum(MessageSize.Measure), isReversed: query.Before is not null && query.After is null);

    /// <summary>How many items fit: each one before which there are no more bytes than allowed.</summary>
    public static int CountFitting<T>(IReadOnlyList<T> items, Func<T, long> measure, long max = Max, bool isReversed = false)
    {
        long bytes = 0;
        for (var i = 0; i < items.Count; i++)
        {
            if (bytes > max) return i;
            bytes += measure(items[isReversed ? items.Count - 1 - i : i]);
        }

        return items.Count;
    }

    private static Page<T> Cut<T>(Page<T> page, long? max, Func<T, long> measure, bool isReversed)
    {
        if (max is null) return page;
        var count = CountFitting(page.Items, measure, max.Value, isReversed);
        if (count == page.Items.Count) return page;
        return new Page<T> { Items = [.. isReversed ? page.Items.TakeLast(count) : page.Items.Take(count)], HasMore = true };
    }
}
