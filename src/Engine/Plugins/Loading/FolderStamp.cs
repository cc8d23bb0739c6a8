using System.Globalization;

namespace PluginHost.Engine.Plugins.Loading;

/// <summary>Names, lengths and times of the files of plugin folders: cheap to compare, to see that something changed.</summary>
internal static class FolderStamp
{
    /// <summary>The stamp of each plugin folder in each of the folders. One that cannot be read must not hide the changes of the others.</summary>
    public static IReadOnlyDictionary<string, string> Read(IEnumerable<string> folders) =>
        folders.Where(Directory.Exists).SelectMany(PluginFolder.FindIn).Distinct(StringComparer.Ordinal)
            .ToDictionary(d => d, d => TryRead(d) ?? "unreadable", StringComparer.Ordinal);

    /// <summary>The stamp of a plugin folder; null when it cannot be read.</summary>
    public static string? TryRead(string folder)
    {
        try
        {
            return ReadOne(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string ReadOne(string folder) => string.Join(
        '|',
        FolderFiles.Enumerate(folder).Order(StringComparer.Ordinal).Select(f => (Path: f, Real: Resolve(new FileInfo(f))))
            .Select(f => string.Create(
                CultureInfo.InvariantCulture, $"{f.Path}:{f.Real.FullName}:{f.Real.Length}:{f.Real.LastWriteTimeUtc.Ticks}:{f.Real.CreationTimeUtc.Ticks}")));

    /// <summary>The file that a link leads to: the link itself keeps its length and time when that changes.</summary>
    private static FileInfo Resolve(FileInfo file) =>
        file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo real ? real : file;
}
