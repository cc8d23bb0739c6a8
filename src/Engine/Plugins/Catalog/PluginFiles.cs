using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>The files of a plugin's folder that determine what code runs.</summary>
internal static class PluginFiles
{
    // Symbols and documentation are never loaded; every other file may be, or names what is.
    private static readonly string[] Harmless = [".pdb", ".xml"];

    /// <summary>Every such file below a folder, by its path in it, with the SHA-256 of its content in lower case.</summary>
    public static IReadOnlyList<(string Name, string Sha256)> Hash(string folder) => Hash(new PluginFolder(folder));

    /// <summary>Every such file of a plugin as it is loaded.</summary>
    public static IReadOnlyList<(string Name, string Sha256)> Hash(PluginFolder folder) =>
        [.. folder.HashFiles().Where(f => !Harmless.Contains(Path.GetExtension(f.Name), StringComparer.OrdinalIgnoreCase))];
}
