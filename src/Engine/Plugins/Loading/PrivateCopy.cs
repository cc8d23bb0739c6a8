namespace PluginHost.Engine.Plugins.Loading;

/// <summary>Creates folders and copies of files that only the host's user may read and change.</summary>
internal static class PrivateCopy
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The mode of files.</summary>
    public const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates a private folder with missing parents. An existing one keeps its mode: it may be shared with others.</summary>
    public static void CreateFolder(string path)
    {
        if (Path.GetDirectoryName(path) is { } parent && !Directory.Exists(parent)) CreateFolder(parent);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        if (Directory.Exists(path)) return;
        Directory.CreateDirectory(path, FolderMode);
        // The process's mask may have taken rights away.
        if (File.GetUnixFileMode(path) != FolderMode) File.SetUnixFileMode(path, FolderMode);
    }

    /// <summary>Deletes a temporary folder, as far as the system lets it: Windows keeps files that are loaded.</summary>
    public static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The system cleans its temporary files up.
        }
    }

    /// <summary>Copies a folder with all below it. Links are followed.</summary>
    public static void CopyFolder(string source, string target)
    {
        CreateFolder(target);
        foreach (var file in FolderFiles.Enumerate(source))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            CreateFolder(Path.GetDirectoryName(copy)!);
            CopyFile(file, copy);
        }
    }

    private static void CopyFile(string source, string target)
    {
        using var from = FolderFiles.OpenRead(source);
        var options = new FileStreamOptions { Mode = System.IO.FileMode.CreateNew, Access = FileAccess.Write };
        // A plugin may bring a program that it starts.
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = FileMode | (File.GetUnixFileMode(source) & UnixFileMode.UserExecute);
        using var to = new FileStream(target, options);
        from.CopyTo(to);
    }
}
