using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Engine.Hosting;

/// <summary>Why a generation was built.</summary>
internal enum GenerationCause
{
    /// <summary>The host started.</summary>
    Start,

    /// <summary>An admin asked for it.</summary>
    Reload,

    /// <summary>An admin brought the previous generation back.</summary>
    Rollback,

    /// <summary>The process received SIGHUP.</summary>
    Signal,

    /// <summary>The files of a plugin changed, and <c>PluginLoading:Watch</c> is set.</summary>
    Watch,

    /// <summary>Changed plugins failed too many runs, and <c>PluginLoading:RollbackErrorPercent</c> is set.</summary>
    Errors,
}

/// <summary>Whether a generation serves.</summary>
internal enum GenerationState
{
    /// <summary>New runs use it.</summary>
    Serving,

    /// <summary>Runs that began before it was replaced still use it.</summary>
    Draining,

    /// <summary>Its plugins are stopped.</summary>
    Retired,
}

/// <summary>One configuration with its plugins, from its first run to its last. Thread-safe.</summary>
/// <param name="number">From 1, in the order of their building.</param>
/// <param name="cause">Why it was built.</param>
/// <param name="setup">Its configuration and plugins.</param>
/// <param name="previous">The configuration and plugins before it; null for the first.</param>
internal sealed class Generation(int number, GenerationCause cause, HostSetup setup, HostSetup? previous)
{
    private const long Megabyte = 1024 * 1024;

    public int Number { get; } = number;

    public GenerationCause Cause { get; } = cause;

    public IReadOnlyList<string> Agents { get; } = [.. setup.Configuration!.Agents.Keys];

    /// <summary>The plugins that differ from those before.</summary>
    public IReadOnlyList<PluginChange> Changes { get; } = previous is null ? [] : PluginChange.Between(previous.Catalog, setup.Catalog);

    /// <summary>The settings that differ from those before, and those that wait for a restart.</summary>
    public SettingChanges Settings { get; set; } = new([], []);

    /// <summary>What an operator should know, and did not know of the one before.</summary>
    public IReadOnlyList<ConfigurationError> Warnings { get; } = [.. setup.Warnings.Except(previous?.Warnings ?? [])];

    /// <summary>The memory of the process when it was begun, in bytes.</summary>
    public required long MemoryBefore { get; init; }

    /// <summary>The memory of the process when it began to serve. Code of replaced plugins stays in memory.</summary>
    public required long Memory { get; init; }

    /// <summary>Why the generation before it was given up; null unless it failed too many runs.</summary>
    public string? RollbackReason { get; init; }

    /// <summary>Since when it serves.</summary>
    public required DateTimeOffset ServingSince { get; init; }

    /// <summary>How long it took from reading the configuration to serving.</summary>
    public required TimeSpan BuildTime { get; init; }

    public DateTimeOffset? ReplacedAt { get; private set; }

    public DateTimeOffset? RetiredAt { get; private set; }

    public GenerationState State => RetiredAt is not null ? GenerationState.Retired : ReplacedAt is not null ? GenerationState.Draining : GenerationState.Serving;

    /// <summary>Why the host should be restarted when that suits: replaced code has grown the process above a limit. Null when it need not be.</summary>
    public string? FindRestartReason(long limit) => Number == 1 || Memory <= limit
        ? null
        : $"After {Number - 1} reloads the host has {Memory / Megabyte} MB in memory, more than PluginLoading:RestartAboveBytes ({limit / Megabyte} MB). "
            + "Code of replaced plugins stays in memory: restart the host when it suits.";

    public void Replace(DateTimeOffset now) => ReplacedAt = now;

    public void Retire(DateTimeOffset now) => RetiredAt = now;
}
