using System.Globalization;

namespace PluginHost.Engine.Plugins.Loading;

/// <summary>Names, lengths and times of the files of plugin folders: cheap to compare, to see that something changed.</summary>
internal static class FolderStamp
{
    /// <summary>The stamp of each plugin folder in each of the folders.</summary>
    public static IReadOnlyDictionary<string, string> Read(IEnumerable<string> folders) =>
        folders.Where(Directory.Exists).SelectMany(Directory.GetDirectories).Distinct(StringComparer.Ordinal)
            .Where(d => Path.GetFileName(d) is not ['.', ..])
            .ToDictionary(d => d, ReadOne, StringComparer.Ordinal);

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
        FolderFiles.Enumerate(folder).Order(StringComparer.Ordinal).Select(f => new FileInfo(f))
            .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.FullName}:{f.Length}:{f.LastWriteTimeUtc.Ticks}")));
}
