namespace PluginHost.Engine.Configuration.Paths;

/// <summary>
/// Spells paths as the file system stores them. Where it ignores case, two spellings of one file become one path, so that paths can be
/// compared as text.
/// </summary>
/// <param name="exists">Whether there is a file or folder.</param>
/// <param name="list">The names in a folder.</param>
internal sealed class StoredSpelling(Func<string, bool> exists, Func<string, IEnumerable<string>> list)
{
    private static readonly StoredSpelling FileSystem = new(
        Path.Exists, static folder => Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e)));

    /// <param name="path">An absolute path. Parts that do not exist keep their spelling.</param>
    public static string Find(string path) => FileSystem.Spell(path);

    /// <inheritdoc cref="Find"/>
    public string Spell(string path)
    {
        var root = Path.GetPathRoot(path)!;
        var spelled = root;
        foreach (var part in path[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
            spelled = Path.Combine(spelled, FindName(spelled, part));
        return spelled;
    }

    private string FindName(string folder, string name)
    {
        // Only a file system that ignores case finds the name with the other case; or there are two names, and one is exact.
        if (!exists(Path.Combine(folder, name)) || SwapCase(name) is var swapped && (swapped == name || !exists(Path.Combine(folder, swapped)))) return name;
        try
        {
            var names = list(folder).Where(n => n.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList();
            return names.Contains(name) || names.Count == 0 ? name : names[0];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder can be entered but not listed.
            return name;
        }
    }

    private static string SwapCase(string name) =>
        string.Concat(name.Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)));
}
