namespace PluginHost.Mcp.Servers;

/// <summary>Why a wait for a change ended.</summary>
internal enum ChangeWait
{
    /// <summary>The list may have changed, or a call found no server.</summary>
    Noticed,

    /// <summary>The time is over.</summary>
    TimedOut,

    /// <summary>The connection has ended.</summary>
    Ended,
}
