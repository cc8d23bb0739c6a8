using System.ComponentModel.DataAnnotations;
using PluginHost.Sdk;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>What the host does about a plugin folder that other users of the machine can write to.</summary>
internal enum WritableFolders
{
    Ignore,
    Warn,
    Refuse,
}

/// <summary>Which plugins the host loads at all. Immutable.</summary>
internal sealed record PluginTrustConfiguration
{
    /// <summary>The SHA-256 of every file that plugin folders may hold; null for any file.</summary>
    [RegularExpression("[0-9A-Fa-f]{64}", ErrorMessage = "a SHA-256 of 64 hexadecimal digits, as 'pluginhost plugins NAME' prints them")]
    public IReadOnlyList<string>? Sha256 { get; init; }

    /// <summary>
    /// The files of the public keys with which conformance reports are signed. Each plugin that the configuration uses then needs a report
    /// without a broken rule; null to require none. Once read, they are absolute.
    /// </summary>
    [OptionPath]
    public IReadOnlyList<string>? ConformanceKeys { get; init; }

    /// <summary>What happens when every user of the machine can write to a plugin folder.</summary>
    public WritableFolders WritableFolders { get; init; } = WritableFolders.Warn;
}
