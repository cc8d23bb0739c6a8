using System.ComponentModel.DataAnnotations;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>Which run a new generation has to pass before it serves.</summary>
internal enum ReloadProbe
{
    /// <summary>None.</summary>
    None,

    /// <summary>One run of each agent, which the echo model answers.</summary>
    Echo,

    /// <summary>One run of each agent, which its model answers.</summary>
    Model,
}

/// <summary>How plugins are loaded, and taken over when they change. Immutable.</summary>
internal sealed record PluginLoadingConfiguration
{
    /// <summary>The folder for the copies that plugins are loaded from; null for <c>data/plugin-cache</c>. Once read, it is absolute.</summary>
    public string? Cache { get; init; }

    /// <summary>Whether a plugin folder that changed is taken over by itself, once it is complete and no file of it has changed for a second.</summary>
    public bool Watch { get; init; }

    /// <summary>Which run a reload makes on a session that is deleted afterwards, before the new generation serves.</summary>
    public ReloadProbe Probe { get; init; }

    /// <summary>The memory of the process above which a reload asks for a restart; null for never.</summary>
    [Range(1L, 1024L * 1024 * 1024 * 1024)]
    public long? RestartAboveBytes { get; init; }

    /// <summary>How long calls of a history or store may be held back while a changed DLL of it takes its file over.</summary>
    [Range(typeof(TimeSpan), "0s", "5m", MinimumIsExclusive = true)]
    public TimeSpan HandoverTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long after a reload the previous generation can be restored.</summary>
    [Range(typeof(TimeSpan), "0s", "30d", MinimumIsExclusive = true)]
    public TimeSpan KeepPrevious { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// By how many percentage points the share of runs that changed plugins fail may exceed what it was before they changed. Above that, the
    /// previous generation is restored; null for never.
    /// </summary>
    [Range(1, 99)]
    public int? RollbackErrorPercent { get; init; }

    /// <summary>How many runs of a new generation have to end before its share of failed runs is compared.</summary>
    [Range(1, 256)]
    public int RollbackMinRuns { get; init; } = 20;
}
