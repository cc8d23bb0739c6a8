using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Sessions.Hosts;

/// <summary>What is logged of the hosts that share a store.</summary>
internal static partial class Log
{
    [LoggerMessage(260, LogLevel.Information, "This is host '{Name}' ({Id}) of {Count} that share the session store. Others reach it at {Address}.")]
    public static partial void Joined(ILogger logger, string name, string id, int count, string address);

    [LoggerMessage(261, LogLevel.Information, "Host '{Name}' ({Id}) is gone. Its sessions are taken over when they are used, and its runs now.")]
    public static partial void HostGone(ILogger logger, string name, string id);

    [LoggerMessage(262, LogLevel.Warning, "The lease of this host could not be renewed. Other hosts take its sessions over {Seconds} seconds after the last renewal.")]
    public static partial void NotRenewed(ILogger logger, double seconds, LoggableError exception);

    [LoggerMessage(263, LogLevel.Warning, "The lease of this host is renewed again after {Passed}. Sessions that other hosts have taken over meanwhile stay with them.")]
    public static partial void RenewedLate(ILogger logger, TimeSpan passed);

    [LoggerMessage(264, LogLevel.Warning, "{Count} sessions could not be given up. Other hosts get them when the lease of this one ends.")]
    public static partial void NotReleased(ILogger logger, int count, LoggableError exception);

    [LoggerMessage(265, LogLevel.Error, "Host '{Name}' ({Id}) has the same address as this one, {Address}. Requests reach the wrong host. Give each host a Cluster:Address that leads to it alone.")]
    public static partial void SameAddress(ILogger logger, string name, string id, string address);
}
