using System.Diagnostics;
using System.Globalization;

namespace PluginHost.Postgres;

/// <summary>The process of a host, as it is stored with its lease.</summary>
/// <param name="Machine">The machine's name.</param>
/// <param name="Space">What changes with each start of the machine, and differs between containers; empty where the system does not say.</param>
/// <param name="Id">The process id.</param>
internal sealed record HostProcess(string Machine, string Space, int Id)
{
    public static HostProcess Current { get; } = new(Environment.MachineName, FindSpace(), Environment.ProcessId);

    public static HostProcess Parse(string text) => text.Split('\n') is [var machine, var space, var id]
        ? new HostProcess(machine, space, int.Parse(id, CultureInfo.InvariantCulture))
        : new HostProcess("", "", 0);

    /// <summary>Whether the process is certainly gone: it ran here, and does not run any more. Its lease need not be awaited.</summary>
    public bool IsGone()
    {
        // A container that starts again may give its process the same id.
        if (Space.Length == 0 || (Machine, Space) != (Current.Machine, Current.Space) || Id == Current.Id) return false;
        try
        {
            using var process = Process.GetProcessById(Id);
            return process.HasExited;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    public override string ToString() => $"{Machine}\n{Space}\n{Id}";

    private static string FindSpace()
    {
        const string boot = "/proc/sys/kernel/random/boot_id", processes = "/proc/self/ns/pid";
        try
        {
            return File.Exists(boot) && File.ResolveLinkTarget(processes, returnFinalTarget: false) is { } space ? $"{File.ReadAllText(boot).Trim()} {space.Name}" : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
