using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Hosting;

/// <summary>
/// Takes changed plugin folders over by itself when <c>PluginLoading:Watch</c> is set: once all of them are complete and no file has changed
/// for a second. It looks at the files at intervals, because file systems of containers and networks report no changes.
/// </summary>
internal sealed class PluginWatcher(HostRuntime runtime, TimeProvider time, ILogger<PluginWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250), Quiet = TimeSpan.FromSeconds(1);

    private IReadOnlyDictionary<string, string> _taken = new Dictionary<string, string>();
    private IReadOnlyDictionary<string, string> _seen = new Dictionary<string, string>();
    private long _changed;
    private string? _incomplete;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        (_seen, _changed) = (TryRead() ?? _seen, time.GetTimestamp());
        // What has changed since the start read it is not taken yet.
        _taken = runtime.Watches ? _seen.Where(f => IsServing(f.Key) != false).ToDictionary(StringComparer.Ordinal) : _seen;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryLookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    /// <summary>An error of one look must not end the host, as one of a background service does.</summary>
    private async Task TryLookAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (runtime.Watches && TryRead() is { } now) await LookAsync(now, cancellationToken);
        }
        catch (ProblemException)
        {
            // The runtime has logged it.
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.ReloadFailed(logger, LoggableError.From(e));
        }
    }

    private async Task LookAsync(IReadOnlyDictionary<string, string> now, CancellationToken cancellationToken)
    {
        if (!Same(now, _seen))
        {
            (_seen, _changed) = (now, time.GetTimestamp());
            return;
        }

        if (Same(now, _taken) || time.GetElapsedTime(_changed) < Quiet || !IsComplete(now)) return;
        var wereTaken = WereTakenByOthers(now);
        // Taken or refused, these files are not tried again.
        _taken = now;
        if (wereTaken) Log.AlreadyServing(logger);
        else await runtime.ReloadAsync(GenerationCause.Watch, cancellationToken);
    }

    /// <summary>
    /// Whether a reload by request began after the last change was seen, or serves what changed. A second one would make rollback point to the
    /// same files.
    /// </summary>
    private bool WereTakenByOthers(IReadOnlyDictionary<string, string> now) =>
        (runtime.Generations is [{ } newest, ..] && newest.ServingSince - newest.BuildTime > time.GetUtcNow() - time.GetElapsedTime(_changed))
        || (now.Where(f => _taken.GetValueOrDefault(f.Key) != f.Value).All(f => IsServing(f.Key) == true)
            && _taken.Keys.All(f => now.ContainsKey(f) || !runtime.Setup.Catalog.PluginFolders.Any(p => p.Folder == f)));

    /// <summary>Whether the files of a folder are those of the copy that serves; null when there is no copy of it, or it cannot be read.</summary>
    private bool? IsServing(string folder)
    {
        try
        {
            var copy = runtime.Setup.Catalog.PluginFolders.FirstOrDefault(p => p.Folder == folder)?.Copy;
            return copy is null ? null : FolderFiles.Identify(folder) == copy.Sha256;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private bool IsComplete(IReadOnlyDictionary<string, string> now)
    {
        var missing = now.Where(f => _taken.GetValueOrDefault(f.Key) != f.Value).Select(f => FolderCompleteness.FindMissing(f.Key)).FirstOrDefault(m => m is not null);
        if (missing is not null && missing != _incomplete) Log.FolderIncomplete(logger, missing);
        _incomplete = missing;
        return missing is null;
    }

    /// <returns>Null when a folder changes while it is read.</returns>
    private IReadOnlyDictionary<string, string>? TryRead()
    {
        try
        {
            return FolderStamp.Read(runtime.Setup.Catalog.Folders);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool Same(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(f => other.GetValueOrDefault(f.Key) == f.Value);
}
