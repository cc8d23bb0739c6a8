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
    private readonly string _folder;

    public DevWatch(string folder)
    {
        _folder = folder;
        _watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true };
        _watcher.Changed += OnChange;
        _watcher.Created += OnChange;
        _watcher.Deleted += OnChange;
        _watcher.Renamed += OnChange;
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Ends when sources have changed since the last call, and are quiet.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await _changes.Reader.ReadAsync(cancellationToken);
        do
        {
            await Task.Delay(Quiet, TimeProvider.System, cancellationToken);
        }
        while (_changes.Reader.TryRead(out _));
    }

    public void Dispose() => _watcher.Dispose();

    private void OnChange(object sender, FileSystemEventArgs e)
    {
        var path = Path.GetRelativePath(_folder, e.FullPath).Split(Path.DirectorySeparatorChar);
        if (Generated.Contains(path[0]) || path[^1].StartsWith('.') || path[^1].EndsWith('~')) return;
        _changes.Writer.TryWrite(true);
    }
}
