namespace PluginHost.Sqlite;

/// <summary>
/// The windows of the histories that were loaded last. Nobody else writes the database, so that what is kept here after a
/// commit is what a read would find.
/// </summary>
internal sealed class WindowCache
{
    private readonly RecentCache<HistoryKey, Window> _windows = new();

    public void Allow(long bytes) => _windows.Allow(bytes);

    /// <returns>A window of at least that depth; null when it has to be read.</returns>
    public Window? Get(HistoryKey key, int depth) =>
        _windows.Get(key) is { } window && (window.Depth >= depth || !window.HasOlder) ? window : null;

    public long Stamp(HistoryKey key) => _windows.Stamp(key);

    public void Offer(HistoryKey key, Window window, long stamp) => _windows.Offer(key, window, stamp);

    public void Append(HistoryKey key, IReadOnlyList<StoredMessage> added) => _windows.Change(key, window => window?.Add(added));

    public void Forget(HistoryKey key) => _windows.Change(key, static _ => null);
}
