using PluginHost.Sdk;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>This host among those that share its session store. Without effect with a store of one host.</summary>
internal sealed record ClusterConfiguration
{
    /// <summary>The host's name in logs and lists; empty for that of the machine.</summary>
    public string HostName { get; init; } = "";

    /// <summary>Where the other hosts reach this one, <c>http://host:port</c>. Without it, they cannot pass requests on to it.</summary>
    public Uri? Address { get; init; }

    /// <summary>The key that all hosts share. They prove with it to each other what they are.</summary>
    public Secret? Key { get; init; }
}
