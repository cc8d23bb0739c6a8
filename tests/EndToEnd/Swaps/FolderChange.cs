namespace PluginHost.EndToEnd.Swaps;

/// <summary>How operators and build tools put other files into a plugin's folder.</summary>
internal static class FolderChange
{
    /// <summary>Changes the files in the way with a name.</summary>
    public static void Apply(string way, string from, string folder)
    {
        if (way == "rename") Rename(from, folder);
        else if (way == "folder") Folder(from, folder);
        else InPlace(from, folder);
    }

    /// <summary>Writes each file beside its place and renames it into place, as package managers do.</summary>
    public static void Rename(string from, string folder)
    {
        foreach (var (source, target) in Files(from, folder))
        {
            File.Copy(source, target + ".new");
            File.Move(target + ".new", target, overwrite: true);
        }
    }

    /// <summary>Writes over each file, as <c>cp</c> does.</summary>
    public static void InPlace(string from, string folder)
    {
        foreach (var (source, target) in Files(from, folder)) WriteOver(target, File.ReadAllBytes(source));
    }

    /// <summary>Moves the old folder away and a new one to its place.</summary>
    public static void Folder(string from, string folder)
    {
        var (fresh, old) = ($"{folder}/../../fresh-{Guid.NewGuid():N}", $"{folder}/../../old-{Guid.NewGuid():N}");
        Directory.CreateDirectory(fresh);
        InPlace(from, fresh);
        Directory.Move(folder, old);
        Directory.Move(fresh, folder);
        Directory.Delete(old, recursive: true);
    }

    /// <summary>Keeps the file and its length is what is written.</summary>
    public static void WriteOver(string file, ReadOnlySpan<byte> bytes)
    {
        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        stream.SetLength(0);
        stream.Write(bytes);
    }

    private static IEnumerable<(string Source, string Target)> Files(string from, string folder) =>
        Directory.GetFiles(from).Select(f => (f, Path.Combine(folder, Path.GetFileName(f))));
}
