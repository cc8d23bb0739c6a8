
namespace PluginHost.Engine.Configuration.Model;

/// <summary>What the host does when a plugin throws or runs into its timeout.</summary>
internal enum OnError
{
    /// <summary>The run fails.</summary>
    Fail,

    /// <summary>The run goes on without it, and its result names the plugin.</summary>
    Skip,
}
