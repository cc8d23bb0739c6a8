using System.Diagnostics;

namespace PluginHost.Postgres.Tests.Server;

/// <summary>Runs commands as a user without rights, because servers refuse to run as root.</summary>
internal static class UserShell
{
    /// <summary>The user that owns nothing, on every Linux.</summary>
    public const string UserId = "65534";

    public static Process Start(string command)
    {
        string[] arguments = Environment.IsPrivilegedProcess
            ? ["setpriv", $"--reuid={UserId}", $"--regid={UserId}", "--clear-groups", "sh", "-c", command]
            : ["sh", "-c", command];
        return Process.Start(new ProcessStartInfo(arguments[0], arguments[1..]) { RedirectStandardInput = true, WorkingDirectory = "/" })!;
    }
}
