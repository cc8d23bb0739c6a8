using System.ComponentModel;
using PluginHost.Engine.Hosting;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources.Admin;

internal sealed record ReloadBody(
    [property: Description("Whether the previous generation is restored; otherwise, configuration and plugins are read again.")] bool Rollback = false);

internal sealed record ReloadResource(
    [property: AllowedText("reload")] string Object,
    [property: Description("The number of the generation that serves from now on.")] int Generation,
    [property: Description("The agents that serve from now on.")] IReadOnlyList<string> Agents,
    [property: Description("The plugins that differ from those before.")] IReadOnlyList<PluginChangeResource> Plugins,
    [property: Description("What is wrong without keeping anything from serving, as a broken folder that nothing uses, and was not before.")] IReadOnlyList<string> Warnings,
    [property: Description("The settings that were changed.")] IReadOnlyList<string> Applied,
    [property: Description("Settings that differ from the start of the host, and apply when it starts again.")] IReadOnlyList<string> NeedsRestart)
{
    public static ReloadResource From(Generation generation) => new(
        "reload", generation.Number, generation.Agents, [.. generation.Changes.Select(PluginChangeResource.Create)], [.. generation.Warnings.Select(w => w.ToString())], generation.Settings.Applied, generation.Settings.NeedRestart);
}

internal sealed record GenerationResource(
    int Number,
    [property: AllowedText("generation")] string Object,
    [property: AllowedText("serving", "draining", "retired"), Description("Draining while runs use it that began before it was replaced.")] string State,
    [property: AllowedText("start", "reload", "rollback", "signal", "watch", "errors"), Description("Why it was built. With `errors` the one before failed too many runs.")] string Cause,
    [property: Description("Since when it serves, or served.")] DateTime CreatedAt,
    [property: Description("How long it took to build, in milliseconds.")] double BuildMs,
    [property: Description("The memory of the process when its building began, in bytes.")] long MemoryBeforeBytes,
    [property: Description("The memory of the process when it began to serve. Code of replaced plugins stays in memory.")] long MemoryBytes,
    IReadOnlyList<string> Agents,
    [property: Description("The plugins that differ from those of the generation before.")] IReadOnlyList<PluginChangeResource> Plugins)
{
    [Description("Why the generation before it was given up; only with the cause `errors`.")]
    public string? RollbackReason { get; init; }

    [Description("When the next generation took over.")]
    public DateTime? ReplacedAt { get; init; }

    [Description("When its last run had ended and its plugins were stopped.")]
    public DateTime? RetiredAt { get; init; }

    public static GenerationResource From(Generation generation) =>
        new(
            generation.Number,
            "generation",
            NameOf(generation.State),
            NameOf(generation.Cause),
            generation.ServingSince.UtcDateTime,
            Math.Round(generation.BuildTime.TotalMilliseconds, 1),
            generation.MemoryBefore,
            generation.Memory,
            generation.Agents,
            [.. generation.Changes.Select(PluginChangeResource.Create)])
        {
            RollbackReason = generation.RollbackReason,
            ReplacedAt = generation.ReplacedAt?.UtcDateTime,
            RetiredAt = generation.RetiredAt?.UtcDateTime,
        };

    private static string NameOf<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}

internal sealed record PluginChangeResource(
    string Name,
    [property: Description("Null when the plugin was not there.")] PluginBuildResource? From,
    [property: Description("Null when the plugin is gone.")] PluginBuildResource? To)
{
    public static PluginChangeResource Create(PluginChange change) => new(change.Plugin, PluginBuildResource.From(change.From), PluginBuildResource.From(change.To));
}

internal sealed record PluginBuildResource(string Version, [property: Description("The hash of all files of the plugin's folder.")] string Sha256)
{
    public static PluginBuildResource? From(PluginBuild? build) => build is null ? null : new(build.Version, build.Sha256);
}
