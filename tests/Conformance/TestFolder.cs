namespace PluginHost.Conformance;

/// <summary>A fresh folder below the temporary folder, removed when disposed. The store under test lives in a folder inside it.</summary>
public sealed class TestFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pluginhost-").FullName;

    public TestFolder() => Directory.CreateDirectory(Store);

    /// <summary>The only place where a plugin under test may write.</summary>
    public string Store => Path.Combine(_root, "store");

    /// <summary>What lies beside the plugin's place: anything here escaped from it.</summary>
    public IReadOnlyList<string> Escaped() => [.. Directory.EnumerateFileSystemEntries(_root).Where(e => e != Store)];

    /// <summary>Whether a text is anywhere in the files of the store, as bytes of UTF-8.</summary>
    public bool Contains(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        // Empty files are left alone: a lock file that its owner holds cannot be read.
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
