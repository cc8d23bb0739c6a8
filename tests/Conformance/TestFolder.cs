namespace PluginHost.Conformance;

/// <summary>A new temporary folder, deleted on dispose. The store under test uses a subfolder.</summary>
public sealed class TestFolder : IDisposable
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
        // Skip empty files: a lock file cannot be read while it is locked.
        return new DirectoryInfo(Store).EnumerateFiles("*", SearchOption.AllDirectories)
            .Any(f => f.Length > 0 && Read(f.FullName).AsSpan().IndexOf(bytes) >= 0);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        return copy.ToArray();
    }
}
