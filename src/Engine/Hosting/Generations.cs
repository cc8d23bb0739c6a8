using PluginHost.Engine.Chains;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Engine.Hosting;

/// <summary>The generation that serves, the one that can be restored, and what is known of the last ones. One caller at a time replaces; others read.</summary>
/// <param name="setup">The configuration and plugins of the first.</param>
/// <param name="chains">Holds the chains.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class Generations(HostSetup setup, ChainHolder chains, TimeProvider time, ILogger logger)
{
    private const int Kept = 50;

    private readonly Lock _lock = new();
    private readonly List<Generation> _all = [];
    private volatile HostSetup _setup = setup;
    private volatile HostSetup? _previous;

    /// <summary>The configuration and plugins that serve.</summary>
    public HostSetup Setup => _setup;

    /// <summary>The last generations, the newest first.</summary>
    public IReadOnlyList<Generation> All
    {
        get
        {
            lock (_lock) return [.. Enumerable.Reverse(_all)];
        }
    }

    /// <summary>Why the host should be restarted when that suits; null when it need not be.</summary>
    public string? RestartReason => All is [{ } newest, ..] && _setup.Configuration!.PluginLoading.RestartAboveBytes is { } limit ? newest.FindRestartReason(limit) : null;

    /// <summary>What served before, when it can be restored.</summary>
    public HostSetup? FindPrevious()
    {
        var kept = _setup.Configuration!.PluginLoading.KeepPrevious;
        return time.GetUtcNow() - All[0].ServingSince <= kept ? _previous : null;
    }

    /// <summary>Puts a set of chains into use. Runs in progress end on the old ones; nothing waits for them.</summary>
    /// <param name="next">Its configuration and plugins.</param>
    /// <param name="set">The chains.</param>
    /// <param name="cause">Why it was built.</param>
    /// <param name="start">When that began.</param>
    /// <param name="rollbackReason">Why the serving one is given up; null unless it failed too many runs.</param>
    public Generation Serve(HostSetup next, ChainSet set, GenerationCause cause, GenerationStart start, string? rollbackReason)
    {
        var (replaced, now) = (All is [{ } newest, ..] ? newest : null, time.GetUtcNow());
        var generation = new Generation((replaced?.Number ?? 0) + 1, cause, next, replaced is null ? null : _setup)
        {
            ServingSince = now,
            BuildTime = time.GetElapsedTime(start.Timestamp),
            MemoryBefore = start.Memory,
            Memory = Environment.WorkingSet,
            RollbackReason = rollbackReason,
        };
        // What was rolled back must not be restored by a second rollback.
        _previous = cause is GenerationCause.Rollback or GenerationCause.Errors or GenerationCause.Start ? null : _setup;
        _setup = next;
        Add(generation);
        var draining = chains.SwapAsync(set);
        if (replaced is null) return generation;
        replaced.Replace(now);
        _ = RetireAsync(replaced, draining);
        Write(generation);
        return generation;
    }

    private void Add(Generation generation)
    {
        lock (_lock)
        {
            _all.Add(generation);
            if (_all.Count > Kept) _all.RemoveAt(0);
        }
    }

    private async Task RetireAsync(Generation replaced, Task draining)
    {
        await draining;
        replaced.Retire(time.GetUtcNow());
    }

    private void Write(Generation generation)
    {
        foreach (var warning in generation.Warnings) Log.NewWarning(logger, warning);
        foreach (var change in generation.Changes) Log.PluginChanged(logger, change.Plugin, Describe(change.From), Describe(change.To));
        Log.Reloaded(logger, generation.Number, generation.Agents.Count);
        if (RestartReason is { } reason) Log.RestartNeeded(logger, reason);
    }

    private static string Describe(PluginBuild? build) => build is null ? "nothing" : $"{build.Version} ({build.Sha256[..Math.Min(12, build.Sha256.Length)]})";
}

/// <summary>When the building of a generation began, and what memory the process had then.</summary>
internal readonly record struct GenerationStart(long Timestamp, long Memory)
{
    public static GenerationStart Now(TimeProvider time) => new(time.GetTimestamp(), Environment.WorkingSet);
}
