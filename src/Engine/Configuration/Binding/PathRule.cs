using System.Runtime.InteropServices;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Checks what is at the path of an option. Creates nothing.</summary>
internal static partial class PathRule
{
    private const int CanWrite = 2;

    public static OptionRule Create(bool isFolder, bool isWritable) =>
        new(Describe(isFolder, isWritable), (value, paths) => FindBreach(isFolder, isWritable, paths.Resolve((string)value))) { HoldsForDefaults = true };

    private static string Describe(bool isFolder, bool isWritable) => (isFolder, isWritable) switch
    {
        (false, false) => "a file that exists",
        (true, false) => "a folder that exists",
        (false, true) => "a file that the host can write or create",
        (true, true) => "a folder that the host can write to or create",
    };

    private static string? FindBreach(bool isFolder, bool isWritable, string path)
    {
        if (isFolder ? File.Exists(path) : Directory.Exists(path)) return $"'{path}', which is a {(isFolder ? "file" : "folder")}";
        if (isFolder ? Directory.Exists(path) : File.Exists(path))
            return !isWritable || IsWritable(path) ? null : $"'{path}', which is read-only: the host has no write access to it";
        if (!isWritable) return $"'{path}', which does not exist";

        // It will be created in the nearest folder above that exists.
        var above = Path.GetDirectoryName(path);
        while (above is not null && !Path.Exists(above)) above = Path.GetDirectoryName(above);
        if (above is null || File.Exists(above)) return $"'{path}', which is below the file '{above}'";
        return IsWritable(above) ? null : $"'{path}', but the host has no write access to '{above}'";
    }

    // On Windows access lists decide, which only an attempt would show.
    private static bool IsWritable(string path) => OperatingSystem.IsWindows() || Access(path, CanWrite) == 0;

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Access(string path, int mode);
}
