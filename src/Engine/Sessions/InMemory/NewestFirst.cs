using System.Collections;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>The newest messages of an array, newest first, without a copy.</summary>
/// <param name="messages">The messages, oldest first; those counted never change.</param>
/// <param name="end">How many there are.</param>
/// <param name="count">How many to show.</param>
internal sealed class NewestFirst(HistoryMessage[] messages, int end, int count) : IReadOnlyList<HistoryMessage>
{
    public int Count => count;

    public HistoryMessage this[int index] => messages[end - 1 - index];

    public IEnumerator<HistoryMessage> GetEnumerator()
    {
        for (var i = 0; i < count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
