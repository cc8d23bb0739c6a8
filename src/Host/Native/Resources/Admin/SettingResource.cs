using System.ComponentModel;
using System.Text.Json;
using PluginHost.Engine.Configuration.InForce;
using PluginHost.Engine.Configuration.Sources;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources.Admin;

/// <summary>A value in force, and where it comes from.</summary>
internal sealed record SettingResource(
    [property: Description("The setting, for example `Server:Listen:0`; of an entry of a chain, the name of its option.")] string Path,
    [property: Description("Absent when it is hidden, and when the plugin sets it itself.")] JsonElement? Value,
    SourceResource Source)
{
    [Description("Whether it is a secret, or may be one.")]
    public bool? Hidden { get; init; }

    public static SettingResource From(SettingRow row, ConfigurationText? text) =>
        new(row.Path, row.IsHidden || row.IsUnknown ? null : JsonSerializer.SerializeToElement(row.Shown, ApiJson.Default.JsonNode), SourceResource.From(row, text))
        {
            Hidden = row.IsHidden ? true : null,
        };
}

internal sealed record SourceResource(
    [property: AllowedText("file", "environment", "command_line", "default", "plugin_default")] string Kind,
    [property: Description("The file, the environment variable, or the option of the command line.")] string? Name = null,
    [property: Description("The line of the file, from 1.")] int? Line = null,
    [property: Description("The path at which it was written: that of a default of the section `Plugins` is another one.")] string? Path = null)
{
    public static SourceResource From(SettingRow row, ConfigurationText? text)
    {
        if (row.WrittenAt is null) return new(row.IsOption ? "plugin_default" : "default");
        var source = text?.Find(row.WrittenAt);
        return new(NameOf(source?.Origin ?? ValueOrigin.File), source?.Name ?? text?.File, source?.Line, row.WrittenAt);
    }

    private static string NameOf(ValueOrigin origin) => origin switch
    {
        ValueOrigin.Environment => "environment",
        ValueOrigin.CommandLine => "command_line",
        _ => "file",
    };
}
