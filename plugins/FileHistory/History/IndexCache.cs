namespace PluginHost.Files.History;

/// <summary>The indexes of the most recently used sessions. Other indexes are read from their files again. Thread-safe.</summary>
/// <param name="capacity">The maximum number of hashes in all indexes, about 64 bytes each.</param>
internal sealed class IndexCache(int capacity = 500_000)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SessionKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private int _weight;

    /// <summary>The session's index; null when it is not cached or does not describe a file of this length.</summary>
    public HistoryIndex? Find(SessionKey session, long length)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(session, out var node) || node.Value.Index.Length != length) return null;
            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value.Index;
        }
    }

    public void Put(SessionKey session, HistoryIndex index)
    {
        lock (_lock)
        {
            RemoveCore(session);
            _entries[session] = _byUse.AddLast(new Entry(session, index, index.Weight));
            _weight += index.Weight;
            while (_weight > capacity && _byUse.First is { } oldest && oldest != _byUse.Last) RemoveCore(oldest.Value.Session);
        }
    }

    public void Remove(SessionKey session)
    {
        lock (_lock) RemoveCore(session);
    }

    public void Clear()
    {
        lock (_lock)
        {
            _entries.Clear();
            _byUse.Clear();
            _weight = 0;
        }
    }

    private void RemoveCore(SessionKey session)
    {
        if (!_entries.Remove(session, out var node)) return;
        _byUse.Remove(node);
        _weight -= node.Value.Weight;
    }

    private sealed record Entry(SessionKey Session, HistoryIndex Index, int Weight);
}
