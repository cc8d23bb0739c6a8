using System.Text.Json;
using PluginHost.Shared.Caches;

namespace PluginHost.Files.History;

/// <summary>The newest messages of a history without pinned ones and without failed runs, as the file has them. Immutable.</summary>
/// <param name="Messages">The messages, oldest first.</param>
/// <param name="Depth">The maximum number of messages.</param>
/// <param name="HasOlder">Whether the file holds older messages.</param>
/// <param name="Bytes">About how many bytes they take in the file.</param>
internal sealed record HistoryWindow(HistoryMessage[] Messages, int Depth, bool HasOlder, long Bytes) : ICacheValue
{
    private const int PerMessage = 600, Characters = 3;

    /// <summary>The approximate memory in bytes.</summary>
    public long Size => PerMessage + (PerMessage * (long)Messages.Length) + (Characters * Bytes);

    /// <summary>Whether a query asks for the newest messages, as runs do.</summary>
    public static bool Answers(HistoryQuery query) =>
        query is { UpToRun: null, Before: null, After: null, MaxBytes: null, IncludeFailed: false, Order: ListOrder.Descending };

    /// <returns>Null when the page is not the newest messages alone.</returns>
    public static HistoryWindow? From(Page<HistoryMessage> page, HistoryQuery query, long bytes)
    {
        // Without the limit it is not known whether there are older pinned messages.
        var isKnown = Answers(query) && page.Items.Count <= query.Limit && (query.PinnedLimit > 0 || !page.HasMore);
        return isKnown && !page.Items.Any(m => m.IsPinned) ? new HistoryWindow([.. page.Items.Reverse()], query.Limit, page.HasMore, bytes) : null;
    }

    /// <returns>Null when the query asks for more than the window has.</returns>
    public Page<HistoryMessage>? Find(HistoryQuery query)
    {
        if (!Answers(query) || (query.Limit > Depth && HasOlder)) return null;
        var newest = new HistoryMessage[Math.Min(query.Limit, Messages.Length)];
        for (var i = 0; i < newest.Length; i++) newest[i] = Messages[Messages.Length - 1 - i];
        return new Page<HistoryMessage> { Items = newest, HasMore = HasOlder || newest.Length < Messages.Length };
    }

    /// <summary>Adds the messages of a line that was appended. Read from the line, so that the window never holds objects of others.</summary>
    /// <returns>Null when the line cannot be read.</returns>
    public HistoryWindow? TryAdd(ReadOnlySpan<byte> line)
    {
        try
        {
            HistoryMessage[] all = [.. Messages, .. HistoryLine.Read(line, withMessages: true).Messages];
            var bytes = Bytes + line.Length;
            return all.Length <= Depth
                ? this with { Messages = all, Bytes = bytes }
                : new HistoryWindow(all[^Depth..], Depth, HasOlder: true, bytes * Depth / all.Length);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
