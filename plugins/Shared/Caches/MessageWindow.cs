using System.Collections;
using PluginHost.Sdk;

namespace PluginHost.Shared.Caches;

/// <summary>A stored message that a window holds.</summary>
internal interface IWindowMessage
{
    /// <summary>Whether it stays when older ones are left out.</summary>
    bool IsPinned { get; }

    /// <summary>The message.</summary>
    HistoryMessage Value { get; }
}

/// <summary>The newest messages of a history, without failed runs. Immutable.</summary>
/// <param name="Messages">The messages, oldest first.</param>
/// <param name="HasOlder">Whether the history holds older messages.</param>
/// <param name="Pinned">The newest pinned messages of the older ones, newest first.</param>
internal abstract record MessageWindow<TMessage>(TMessage[] Messages, bool HasOlder, IReadOnlyList<TMessage> Pinned)
    where TMessage : class, IWindowMessage
{
    /// <summary>The maximum number of older pinned messages.</summary>
    public const int MaxPinned = 64;

    private readonly bool _hasPinned = Messages.Any(static m => m.IsPinned);

    /// <summary>Gets the newest messages, newest first, and older pinned ones behind them.</summary>
    public Page<HistoryMessage> GetNewest(int limit, int pinnedLimit)
    {
        var count = Math.Min(limit, Messages.Length);
        var newest = new NewestFirst(Messages, count);
        HistoryMessage[] pinned = _hasPinned || Pinned.Count > 0 ? [.. PinnedBefore(Messages, Messages.Length - count).Take(pinnedLimit).Select(static m => m.Value)] : [];
        return new Page<HistoryMessage> { Items = pinned.Length == 0 ? newest : [.. newest, .. pinned], HasMore = HasOlder || count < Messages.Length };
    }

    /// <summary>The pinned messages among the first ones and before them, newest first.</summary>
    protected IEnumerable<TMessage> PinnedBefore(TMessage[] messages, int count) =>
        messages.Take(count).Reverse().Where(static m => m.IsPinned).Concat(Pinned);

    /// <summary>A view of the window, which never changes.</summary>
    private sealed class NewestFirst(TMessage[] messages, int count) : IReadOnlyList<HistoryMessage>
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
