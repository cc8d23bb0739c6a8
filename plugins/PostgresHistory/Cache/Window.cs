using System.Collections;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>The newest messages of a history, without failed runs. Immutable.</summary>
/// <param name="Messages">The messages, oldest first.</param>
/// <param name="Depth">The maximum number of messages.</param>
/// <param name="HasOlder">Whether the history holds older messages.</param>
/// <param name="Pinned">The newest pinned messages of the older ones, newest first.</param>
internal sealed record Window(StoredMessage[] Messages, int Depth, bool HasOlder, IReadOnlyList<StoredMessage> Pinned)
{
    /// <summary>The maximum number of older pinned messages.</summary>
    public const int MaxPinned = 64;

    private readonly bool _hasPinned = Messages.Any(static m => m.IsPinned);

    /// <summary>The approximate memory in bytes.</summary>
    public long Size { get; } = Messages.Sum(static m => m.Size) + Pinned.Sum(static m => m.Size);

    /// <returns>Whether a query can be answered from windows: it asks for the newest messages, as runs do.</returns>
    public static bool Answers(HistoryQuery query) =>
        query is { UpToRun: null, Before: null, After: null, MaxBytes: null, IncludeFailed: false, Order: ListOrder.Descending, PinnedLimit: <= MaxPinned };

    /// <returns>Whether this window has what the query asks for.</returns>
    public bool Reaches(int limit) => limit <= Depth || !HasOlder;

    /// <summary>Adds the messages of a commit.</summary>
    public Window Add(IReadOnlyList<StoredMessage> added)
    {
        StoredMessage[] all = [.. Messages, .. added];
        return all.Length > Depth
            ? new Window(all[^Depth..], Depth, HasOlder: true, [.. PinnedBefore(all, all.Length - Depth).Take(MaxPinned)])
            : new Window(all, Depth, HasOlder, Pinned);
    }

    /// <summary>Gets the newest messages, newest first, and older pinned ones behind them.</summary>
    public Page<HistoryMessage> GetNewest(int limit, int pinnedLimit)
    {
        var count = Math.Min(limit, Messages.Length);
        var newest = new NewestFirst(Messages, count);
        HistoryMessage[] pinned = _hasPinned || Pinned.Count > 0 ? [.. PinnedBefore(Messages, Messages.Length - count).Take(pinnedLimit).Select(static m => m.Value)] : [];
        return new Page<HistoryMessage> { Items = pinned.Length == 0 ? newest : [.. newest, .. pinned], HasMore = HasOlder || count < Messages.Length };
    }

    /// <summary>The pinned messages among the first ones and before them, newest first.</summary>
    private IEnumerable<StoredMessage> PinnedBefore(StoredMessage[] messages, int count) =>
        messages.Take(count).Reverse().Where(static m => m.IsPinned).Concat(Pinned);

    /// <summary>A view of the window, which never changes.</summary>
    private sealed class NewestFirst(StoredMessage[] messages, int count) : IReadOnlyList<HistoryMessage>
    {
        public int Count => count;

        public HistoryMessage this[int index] => messages[messages.Length - 1 - index].Value;

        public IEnumerator<HistoryMessage> GetEnumerator()
        {
            for (var i = 0; i < count; i++) yield return this[i];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
