using System.Text.Json.Nodes;

namespace PluginHost.Engine.Configuration.InForce;

/// <summary>A value in force.</summary>
/// <param name="Path">The setting, for example <c>Server:Listen:0</c>.</param>
/// <param name="Value">The value. May be a secret: only <see cref="Shown"/> may leave the host.</param>
/// <param name="WrittenAt">The path at which it was given, in the file or over it; null for a default.</param>
internal sealed record SettingRow(string Path, JsonNode? Value, string? WrittenAt)
{
    /// <summary>Whether the value may not be shown.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Whether it is an option of a plugin or of a chat client.</summary>
    public bool IsOption { get; init; }

    /// <summary>Whether it is a default that the plugin sets itself, and that cannot be read.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>The value, unless it is hidden.</summary>
    public JsonNode? Shown => IsHidden ? null : Value;
}
