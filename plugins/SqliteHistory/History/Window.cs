using System.Collections;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>The newest messages of a history, without failed runs. Immutable.</summary>
/// <param name="Messages">The messages, oldest first.</param>
/// <param name="Depth">The maximum number of messages.</param>
/// <param name="HasOlder">Whether the history holds older messages.</param>
internal sealed record Window(StoredMessage[] Messages, int Depth, bool HasOlder) : ICacheValue
{
    private const int Overhead = 500;

    public long Size { get; } = Overhead + Messages.Sum(static m => m.Size);

    /// <summary>Adds the messages of a commit. Skips messages that the window already holds.</summary>
    public Window Add(IReadOnlyList<StoredMessage> added)
    {
        var newest = Messages.Length == 0 ? 0 : Messages[^1].RowId;
        StoredMessage[] all = [.. Messages, .. added.Where(m => m.RowId > newest)];
        return all.Length > Depth ? new Window(all[^Depth..], Depth, HasOlder: true) : new Window(all, Depth, HasOlder);
    }

    /// <summary>Gets the newest messages, newest first.</summary>
    public Page<HistoryMessage> GetNewest(int limit)
    {
        var count = Math.Min(limit, Messages.Length);
        return new Page<HistoryMessage> { Items = new NewestFirst(Messages, count), HasMore = HasOlder || count < Messages.Length };
    }

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
