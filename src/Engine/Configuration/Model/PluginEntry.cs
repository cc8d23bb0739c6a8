using System.ComponentModel.DataAnnotations;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>What the host does when a plugin throws or exceeds its timeout.</summary>
internal enum OnError
{
    /// <summary>The run fails.</summary>
    Fail,

    /// <summary>The run continues without the plugin, and its result names it.</summary>
    Skip,
}

/// <summary>What a history stores as the input of a run.</summary>
internal enum StoreInputAs
{
    /// <summary>The input as the innermost stage received it.</summary>
    Sent,

    /// <summary>The input as the history itself received it.</summary>
    Received,
}

/// <summary>One configured plugin instance: an entry of a chain, the session store, or a chat client.</summary>
internal sealed record PluginEntry : SettingsWithOptions
{
    /// <summary>The settings that apply to history providers alone.</summary>
    public static IReadOnlyList<string> HistorySettings { get; } =
        [nameof(Load), nameof(StoreInput), nameof(StoreOutput), nameof(StoreContext), nameof(StoreContextFrom), nameof(StoreInputAs)];

    /// <summary>The settings of an entry; options of plugins may not have their names.</summary>
    public static IReadOnlyList<string> SettingNames { get; } = [.. From(typeof(PluginEntry)).Select(p => p.Name)];

    /// <summary>The plugin's registered name.</summary>
    [Required]
    public required string Plugin { get; init; } = "";

    /// <summary>The entry's name, needed when a plugin is in one chain twice; the plugin's unless set.</summary>
    [RegularExpression(AgentNames.Pattern, ErrorMessage = AgentNames.Allowed)]
    public string Name { get => string.IsNullOrEmpty(field) ? Plugin : field; init; }

    /// <summary>The limit for each call; a middleware's counts its own time only.</summary>
    [Range(typeof(TimeSpan), "0s", "1d", MinimumIsExclusive = true)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What happens when the plugin fails; null for the kind's default: skip for context providers, fail for all others.</summary>
    public OnError? OnError { get; init; }

    /// <summary>Whether the history loads; without, it only stores.</summary>
    public bool Load { get; init; } = true;

    /// <summary>Whether the run's input is stored.</summary>
    public bool StoreInput { get; init; } = true;

    /// <summary>Whether the run's output is stored.</summary>
    public bool StoreOutput { get; init; } = true;

    /// <summary>Whether messages of context providers are stored.</summary>
    public bool StoreContext { get; init; }

    /// <summary>Source ids of the providers whose messages are stored; empty for all when <see cref="StoreContext"/> is set.</summary>
    public IReadOnlyList<string> StoreContextFrom { get; init; } = [];

    /// <summary>Which form of the input is stored.</summary>
    public StoreInputAs StoreInputAs { get; init; }

    /// <summary>The position in the chain, from 0.</summary>
    public int Index { get; internal init; }

    /// <summary>Identity: the plugin's name, with the entry's when it has another one.</summary>
    public string SourceId => Name == Plugin ? Plugin : $"{Plugin}/{Name}";
}
