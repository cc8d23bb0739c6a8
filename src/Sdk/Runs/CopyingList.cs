using System.Collections;

namespace PluginHost.Sdk;

/// <summary>A view of a list that returns a new copy of an item on every access.</summary>
internal sealed class CopyingList<T>(IReadOnlyList<T> source, Func<T, T> copy) : IReadOnlyList<T>
{
    /// <summary>The list itself, without copies.</summary>
    public IReadOnlyList<T> Source { get; } = source;

    public int Count => Source.Count;

    public T this[int index] => copy(Source[index]);

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0; i < Source.Count; i++) yield return copy(Source[i]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
