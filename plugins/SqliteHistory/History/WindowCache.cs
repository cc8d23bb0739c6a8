namespace PluginHost.Sqlite;

/// <summary>
/// The windows of the most recently loaded histories. Only this process writes the database, so a window that is updated after
/// each commit equals the stored messages.
/// </summary>
internal sealed class WindowCache
{
    private readonly LruCache<HistoryKey, Window> _windows = new();

    public void RaiseCapacity(long bytes) => _windows.RaiseCapacity(bytes);

    /// <returns>A window of at least this depth; null when it is not cached.</returns>
    public Window? Get(HistoryKey key, int depth) =>
        _windows.Get(key) is { } window && (window.Depth >= depth || !window.HasOlder) ? window : null;

    public long GetVersion(HistoryKey key) => _windows.GetVersion(key);

    public void AddIfUnchanged(HistoryKey key, Window window, long version) => _windows.AddIfUnchanged(key, window, version);

    public void Append(HistoryKey key, IReadOnlyList<StoredMessage> added) => _windows.Update(key, window => window?.Add(added));

    public void Clear() => _windows.Clear();

    public void Remove(HistoryKey key) => _windows.Update(key, static _ => null);
}
