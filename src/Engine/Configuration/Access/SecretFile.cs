using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Access;

/// <summary>
/// Looks at the rights of files that hold secrets, or decide about them. Rights of the group are not looked at: orchestrators give
/// secrets to a group.
/// </summary>
internal static class SecretFile
{
    private const UnixFileMode Reading = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Whether every user of the machine can read or change a file. A link is followed.</summary>
    public static bool IsOpen(string file) => HasOthers(file, Reading);

    /// <summary>The warning about a file of secrets that every user can read; null when they cannot.</summary>
    public static ConfigurationError? WarnOfReaders(string path, string file) => HasOthers(file, Reading)
        ? new(path, $"Every user of this machine can read or change '{file}', which holds secrets.", $"Take that right away: chmod o-rw '{file}'.")
        : null;

    /// <summary>The warning about a file that decides who is let in and that every user can change; null when they cannot.</summary>
    public static ConfigurationError? WarnOfWriters(string path, string file) => HasOthers(file, UnixFileMode.OtherWrite)
        ? new(path, $"Every user of this machine can change '{file}', and so add keys.", $"Take that right away: chmod o-w '{file}'.")
        : null;

    private static bool HasOthers(string file, UnixFileMode rights)
    {
        if (OperatingSystem.IsWindows()) return false;
        try
        {
            var real = new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file;
            return File.Exists(real) && (File.GetUnixFileMode(real) & rights) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The reader of the file reports that it cannot be read.
            return false;
        }
    }
}
