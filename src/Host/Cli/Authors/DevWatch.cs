using System.Collections.Concurrent;
using System.Threading.Channels;

namespace PluginHost.Cli.Authors;

/// <summary>Waits for changes of a project's sources. Changes that come together are one. Disposing ends it.</summary>
internal sealed class DevWatch : IDisposable
{
    // Editors write a file in several steps.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    private static readonly string[] Generated = ["bin", "obj"];

    private readonly FileSystemWatcher _watcher;
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<string, bool> _paths = new(StringComparer.Ordinal);
    private readonly string _folder;

    public DevWatch(string folder)
    {
        _folder = folder;
        _watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true };
        _watcher.Changed += OnChange;
        _watcher.Created += OnChange;
        _watcher.Deleted += OnChange;
        _watcher.Renamed += OnChange;
        // Changes were lost: the folder means all of them, and is no source that could be compiled alone.
        _watcher.Error += (_, _) => Add(folder);
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Ends when sources have changed since the last call, and are quiet.</summary>
    /// <returns>What has changed.</returns>
    public async Task<IReadOnlyList<string>> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _changes.Reader.ReadAsync(cancellationToken);
            do
            {
                await Task.Delay(Quiet, TimeProvider.System, cancellationToken);
            }
            while (_changes.Reader.TryRead(out _));

            // The signal of a change that the last call has returned may come after it.
            if (_paths.Keys.Where(p => _paths.TryRemove(p, out _)).ToList() is { Count: > 0 } changed) return changed;
        }
    }

    public void Dispose() => _watcher.Dispose();

    private void OnChange(object sender, FileSystemEventArgs e)
    {
        var path = Path.GetRelativePath(_folder, e.FullPath).Split(Path.DirectorySeparatorChar);
        if (Generated.Contains(path[0]) || path[^1].StartsWith('.') || path[^1].EndsWith('~')) return;
        // A folder changes with each file in it, which is reported too.
        if (e.ChangeType == WatcherChangeTypes.Changed && Directory.Exists(e.FullPath)) return;
        Add(e.FullPath);
    }

    private void Add(string path)
    {
        _paths[path] = true;
        _changes.Writer.TryWrite(true);
    }
}
