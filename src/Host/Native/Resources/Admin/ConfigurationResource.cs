using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Sources;
using PluginHost.Engine.Hosting;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources.Admin;

internal sealed record ConfigurationResource(
    [property: AllowedText("configuration")] string Object,
    [property: Description("The number of the generation that serves it.")] int? Generation,
    [property: Description("The files as they were read; secrets, and comments that may hold one, are hidden.")] IReadOnlyList<ConfigurationFileResource> Files,
    [property: Description("The values of the environment and the command line.")] IReadOnlyList<SettingResource> Overrides,
    [property: Description("All values in force, defaults too.")] IReadOnlyList<SettingResource> Values,
    [property: Description("What an operator should know, and does not keep the host from serving.")] IReadOnlyList<string> Warnings,
    [property: Description("Settings that were changed since the start, and apply when the host starts again.")] IReadOnlyList<string> NeedsRestart);

internal sealed record ConfigurationFileResource(
    string Path,
    [property: Description("Whether the file differs from what was read, or is gone.")] bool Changed,
    [property: Description("Its lines; the first one is line 1.")] IReadOnlyList<string> Lines);

internal sealed record CheckBody(
    [property: Length(0, 1024 * 1024), Description("What is checked instead of the file of the configuration: its text, JSON with comments. The environment and the command line lie over it as over the file.")]
    string? Text = null);

internal sealed record CheckResource(
    [property: AllowedText("check")] string Object,
    [property: Description("Whether the host would start, or reload, with it.")] bool Valid,
    IReadOnlyList<ConfigurationErrorResource> Errors,
    IReadOnlyList<ConfigurationErrorResource> Warnings,
    [property: Description("The agents that it has.")] IReadOnlyList<string> Agents,
    [property: Description("Settings that a reload would change.")] IReadOnlyList<string> Applied,
    [property: Description("Settings that a reload would not change: they differ from the start of the host.")] IReadOnlyList<string> NeedsRestart)
{
    public static CheckResource From(SetupCheck check)
    {
        var (setup, text) = (check.Setup, check.Setup.Loaded.Text);
        return new(
            "check",
            check.Errors.Count == 0,
            [.. check.Errors.Select(e => ConfigurationErrorResource.From(e, text))],
            [.. setup.Warnings.Select(e => ConfigurationErrorResource.From(e, text))],
            [.. setup.Loaded.Draft?.Agents.Keys ?? []],
            check.Changes.Applied,
            check.Changes.NeedRestart);
    }
}

internal sealed record ConfigurationErrorResource(
    [property: Description("The path in the configuration, or a file.")] string Path,
    string Message,
    [property: Description("What is allowed, or what to do.")] string? Allowed,
    [property: Description("The line of the file, or of the section that lacks something, from 1. Absent for what is not in the file.")] int? Line)
{
    public static ConfigurationErrorResource From(ConfigurationError error, ConfigurationText? text) =>
        new(error.Path, error.Message, error.Cure, error.Line ?? (text?.Find(error.Path) is { Origin: not ValueOrigin.File } ? null : text?.FindLine(error.Path)));
}
