using System.Security.Cryptography;
using System.Text;

namespace PluginHost.Engine.Plugins.Loading;

/// <summary>The files of a plugin's folder, and the hash that identifies all of them.</summary>
internal static class FolderFiles
{
    /// <summary>Every file below a folder, by its path in it with slashes, with the SHA-256 of its content in lower case. In the order of the paths.</summary>
    /// <exception cref="IOException">A file cannot be read, or is gone.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static IReadOnlyList<(string Name, string Sha256)> Hash(string folder) =>
        [.. Enumerate(folder)
            .Select(f => (Name: Path.GetRelativePath(folder, f).Replace('\\', '/'), File: f))
            .OrderBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => (f.Name, HashOf(f.File)))];

    /// <summary>Every file below a folder. Links are followed, except one that leads to a folder around itself.</summary>
    public static IEnumerable<string> Enumerate(string folder) => Enumerate(folder, Resolve(folder) ?? folder);

    /// <summary>Opens a file that others may replace meanwhile: the hash of what was read shows it.</summary>
    public static FileStream OpenRead(string file) => new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>The SHA-256 of the list that <c>sha256sum</c> prints of the files.</summary>
    public static string Identify(IEnumerable<(string Name, string Sha256)> files) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(files.Select(f => $"{f.Sha256}  {f.Name}\n")))));

    /// <summary>The hash that identifies a folder by all its files.</summary>
    public static string Identify(string folder) => Identify(Hash(folder));

    private static IEnumerable<string> Enumerate(string folder, string real)
    {
        // A link that leads nowhere cannot be loaded.
        foreach (var file in Directory.EnumerateFiles(folder).Where(File.Exists)) yield return file;
        foreach (var below in Directory.EnumerateDirectories(folder).Where(Directory.Exists))
        {
            var target = Resolve(below) ?? Path.Combine(real, Path.GetFileName(below));
            if ($"{real}{Path.DirectorySeparatorChar}".StartsWith($"{target}{Path.DirectorySeparatorChar}", StringComparison.Ordinal)) continue;
            foreach (var file in Enumerate(below, target)) yield return file;
        }
    }

    private static string? Resolve(string folder) => new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName;

    private static string HashOf(string file)
    {
        using var stream = OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
