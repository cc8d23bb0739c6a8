using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>The files of a plugin's folder that determine what code runs.</summary>
internal static class PluginFiles
{
    // Symbols, documentation and reports are never loaded; every other file may be, or names what is.
    private static readonly string[] Harmless = [".pdb", ".xml", ConformanceReport.Extension, ConformanceReport.SignatureExtension];

    /// <summary>Every such file below a folder, by its path in it, with the SHA-256 of its content in lower case.</summary>
    public static IReadOnlyList<(string Name, string Sha256)> Hash(string folder) => Hash(new PluginFolder(folder));

    /// <summary>Every such file of a plugin as it is loaded.</summary>
    public static IReadOnlyList<(string Name, string Sha256)> Hash(PluginFolder folder) =>
        [.. folder.HashFiles().Where(f => !Array.Exists(Harmless, e => f.Name.EndsWith(e, StringComparison.OrdinalIgnoreCase)))];
}
