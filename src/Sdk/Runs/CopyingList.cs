using System.Collections;

namespace PluginHost.Sdk;

/// <summary>Shows a list, each look at an item a copy of it.</summary>
internal sealed class CopyingList<T>(IReadOnlyList<T> own, Func<T, T> copy) : IReadOnlyList<T>
{
    /// <summary>The list itself.</summary>
    public IReadOnlyList<T> Own { get; } = own;

    public int Count => Own.Count;

    public T this[int index] => copy(Own[index]);

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0; i < Own.Count; i++) yield return copy(Own[i]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
