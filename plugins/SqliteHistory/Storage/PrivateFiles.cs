using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

/// <summary>Creates folders and files that only the host's user can read.</summary>
internal static partial class PrivateFiles
{
    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates a folder and its missing parents, durably.</summary>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path) || Path.GetDirectoryName(path) is not { } parent) return;
        CreateFolder(parent);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, FolderMode);
        // A crash must not lose the folder with the database in it.
        FlushFolder(parent);
    }

    /// <summary>Creates the database file, from which SQLite takes the mode of its log. Warns of an existing file that others can read.</summary>
    public static void CreateDatabase(string path, ILogger logger)
    {
        if (OperatingSystem.IsWindows()) return;
        if (!File.Exists(path))
        {
            using var created = Open(path, FileMode.OpenOrCreate);
            return;
        }

        var mode = File.GetUnixFileMode(path);
        if ((mode & ~FileMode600) != 0) Log.WideFile(logger, path, Convert.ToString((int)mode, 8));
    }

    /// <summary>Opens a file for writing; creates it when the mode allows it.</summary>
    public static FileStream Open(string path, FileMode mode, FileShare share = FileShare.None, long size = 0)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, PreallocationSize = size };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = FileMode600;
        return new FileStream(path, options);
    }

    /// <summary>Writes a small text file.</summary>
    public static void Write(string path, string text)
    {
        using var writer = new StreamWriter(Open(path, FileMode.Create, FileShare.Read));
        writer.Write(text);
    }

    private static void FlushFolder(string folder)
    {
        var descriptor = OpenFolder(folder, 0);
        if (descriptor < 0) return;
        // A file system that cannot flush a folder does not need it.
        _ = Synchronize(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
