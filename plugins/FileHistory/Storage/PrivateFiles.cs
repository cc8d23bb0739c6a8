using Microsoft.Extensions.Logging;

namespace PluginHost.Files.Storage;

/// <summary>Creates folders and files that only the host's user can read.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode Folder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates a folder and its missing parents, durably. Warns of an existing folder that others can read.</summary>
    public static void CreateFolder(string path, DurableFileWriter writer, ILogger logger)
    {
        if (Directory.Exists(path))
        {
            WarnOfOthers(path, logger);
            return;
        }

        if (Path.GetDirectoryName(path) is not { } parent) return;
        if (!Directory.Exists(parent)) CreateFolder(parent, writer, logger);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, Folder);
        // A crash must not lose the folder with all that is stored in it.
        writer.FlushFolder(parent);
    }

    /// <summary>Opens a file for writing; creates it when the mode allows it.</summary>
    public static FileStream Open(string path, FileMode mode, FileShare share = FileShare.ReadWrite | FileShare.Delete)
    {
        var options = new FileStreamOptions { Mode = mode, Access = mode == FileMode.Append ? FileAccess.Write : FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open) options.UnixCreateMode = File;
        return new FileStream(path, options);
    }

    private static void WarnOfOthers(string path, ILogger logger)
    {
        if (OperatingSystem.IsWindows()) return;
        var mode = System.IO.File.GetUnixFileMode(path);
        if ((mode & ~Folder) != 0) Log.WideFolder(logger, path, Convert.ToString((int)mode, 8));
    }
}
