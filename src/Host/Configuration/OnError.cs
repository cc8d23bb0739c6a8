namespace PluginHost.Configuration;

/// <summary>What the host does when a plugin throws or runs into its timeout.</summary>
public enum OnError
{
    /// <summary>The run fails.</summary>
    Fail,

    /// <summary>The run goes on without it, and its result names the plugin.</summary>
    Skip,
}
