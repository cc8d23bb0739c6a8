using System.Runtime.InteropServices;

namespace PluginHost.Hosting;

/// <summary>
/// The rights of what this process creates, whatever mask it was started with: folders 0700, files 0600. The process's mask covers what plugins,
/// databases and telemetry create as well. Windows has access lists, which are not changed.
/// </summary>
internal static partial class FileMask
{
    private const uint GroupAndOthers = 0b000_111_111;

    /// <summary>Takes the rights of group and others from all that is created from now on.</summary>
    public static void Restrict()
    {
        if (OperatingSystem.IsWindows()) return;
        var inherited = SetMask(GroupAndOthers);
        _ = SetMask(inherited | GroupAndOthers);
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint SetMask(uint mask);
}
