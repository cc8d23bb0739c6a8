using System.Collections.ObjectModel;
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

/// <summary>The settings by which the host treats one plugin instance. A plugin's options may have the same names.</summary>
internal sealed record EntrySettings : Settings
{
    /// <summary>The settings that apply to history providers alone.</summary>
    public static IReadOnlyList<string> ForHistories { get; } =
        [nameof(Load), nameof(Window), nameof(MaxTokens), nameof(KeepOpener), nameof(StoreInput), nameof(StoreOutput), nameof(StoreContext), nameof(StoreContextFrom), nameof(StoreInputAs)];

    public static IReadOnlyList<string> Names { get; } = [.. From(typeof(EntrySettings)).Select(p => p.Name)];

    /// <summary>The limit for each call; a middleware's counts its own time only.</summary>
    [Range(typeof(TimeSpan), "0s", "1d", MinimumIsExclusive = true)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What happens when the plugin fails; null for the kind's default: skip for context providers, fail for all others.</summary>
    public OnError? OnError { get; init; }

    /// <summary>What the host puts before the names of the plugin's tools.</summary>
    [RegularExpression("[A-Za-z0-9_-]{0,64}", ErrorMessage = "up to 64 letters, digits, underscores and hyphens")]
    public string ToolPrefix { get; init; } = "";

    /// <summary>Other names for tools of the plugin, by the names that it gives; a tool that is listed has no prefix.</summary>
    [RegularExpression("[A-Za-z0-9_-]{1,64}", ErrorMessage = "1 to 64 letters, digits, underscores and hyphens")]
    public IReadOnlyDictionary<string, string> ToolNames { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The tools of the plugin whose calls need the approval of a person, by the names that it gives; <c>*</c> for all of them.</summary>
    public IReadOnlyList<string> Approve { get; init; } = [];

    /// <summary>Whether the history loads; without, it only stores.</summary>
    public bool Load { get; init; } = true;

    /// <summary>How many messages of the history a run gets at most: the newest, without those of failed runs.</summary>
    [Range(1, 100_000)]
    public int Window { get; init; } = 50;

    /// <summary>How many tokens these messages may have at most, by an estimate of four bytes a token; null for no bound.</summary>
    [Range(1, 100_000_000)]
    public int? MaxTokens { get; init; }

    /// <summary>Whether a run gets the first message of the session, however old it is.</summary>
    public bool KeepOpener { get; init; }

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
}
