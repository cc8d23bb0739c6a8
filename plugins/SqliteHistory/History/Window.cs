using PluginHost.Shared.Caches;

namespace PluginHost.Sqlite;

/// <inheritdoc/>
/// <param name="Messages">The messages, oldest first.</param>
/// <param name="Depth">The maximum number of messages.</param>
/// <param name="HasOlder">Whether the history holds older messages.</param>
/// <param name="Pinned">The newest pinned messages of the older ones, newest first.</param>
internal sealed record Window(StoredMessage[] Messages, int Depth, bool HasOlder, IReadOnlyList<StoredMessage> Pinned)
    : MessageWindow<StoredMessage>(Messages, HasOlder, Pinned), ICacheValue
{
    private const int Overhead = 500;

    public long Size { get; } = Overhead + Messages.Sum(static m => m.Size) + Pinned.Sum(static m => m.Size);

    /// <summary>Adds the messages of a commit. Skips messages that the window already holds.</summary>
    public Window Add(IReadOnlyList<StoredMessage> added)
    {
        var newest = Messages.Length == 0 ? 0 : Messages[^1].RowId;
        StoredMessage[] all = [.. Messages, .. added.Where(m => m.RowId > newest)];
        return all.Length > Depth
            ? new Window(all[^Depth..], Depth, HasOlder: true, [.. PinnedBefore(all, all.Length - Depth).Take(MaxPinned)])
            : new Window(all, Depth, HasOlder, Pinned);
    }
}
