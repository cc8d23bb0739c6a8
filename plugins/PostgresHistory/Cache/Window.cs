using PluginHost.Sdk;
using PluginHost.Shared.Caches;

namespace PluginHost.Postgres;

/// <inheritdoc/>
/// <param name="Messages">The messages, oldest first.</param>
/// <param name="Depth">The maximum number of messages.</param>
/// <param name="HasOlder">Whether the history holds older messages.</param>
/// <param name="Pinned">The newest pinned messages of the older ones, newest first.</param>
internal sealed record Window(StoredMessage[] Messages, int Depth, bool HasOlder, IReadOnlyList<StoredMessage> Pinned)
    : MessageWindow<StoredMessage>(Messages, HasOlder, Pinned)
{
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
}
