namespace PluginHost.Sdk.Testing.Conformance;

/// <summary>A new temporary folder, deleted on dispose. The store under test uses a subfolder.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pluginhost-").FullName;

    public TestFolder() => Directory.CreateDirectory(Store);

    /// <summary>The only folder that the plugin under test may write to.</summary>
    public string Store => Path.Combine(_root, "store");

    /// <summary>Finds files and folders outside the store's folder.</summary>
    public IReadOnlyList<string> FindEscapedEntries() => [.. Directory.EnumerateFileSystemEntries(_root).Where(e => e != Store)];

    /// <summary>Whether a file of the store contains the UTF-8 bytes of a text.</summary>
    public bool Contains(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        return new DirectoryInfo(Store).EnumerateFiles("*", SearchOption.AllDirectories).Any(f => Read(f).AsSpan().IndexOf(bytes) >= 0);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static byte[] Read(FileInfo info)
    {
        try
        {
            // A lock file is empty and cannot be read while it is locked.
            if (info.Length == 0) return [];
            using var file = info.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            file.CopyTo(copy);
            return copy.ToArray();
        }
        catch (FileNotFoundException)
        {
            // Writes during the search replace files.
            return [];
        }
    }
}
