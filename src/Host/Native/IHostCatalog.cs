namespace PluginHost.Native;

/// <summary>What the host has: read for every request, so it may change with a reload. No secrets, no option values. Thread-safe.</summary>
internal interface IHostCatalog
{
    /// <summary>The agents in the order of the configuration.</summary>
    IReadOnlyList<AgentDescription> Agents { get; }

    /// <summary>The registered plugins, used or not.</summary>
    IReadOnlyList<PluginDescription> Plugins { get; }
}

/// <summary>An agent.</summary>
/// <param name="Name">The name.</param>
/// <param name="Client">The chat client, for example <c>openai</c>.</param>
/// <param name="Model">The model's name; null when the client has its own.</param>
/// <param name="Chain">The chain as it was built, with what the host added.</param>
internal sealed record AgentDescription(string Name, string Client, string? Model, IReadOnlyList<ChainEntryDescription> Chain);

/// <summary>An entry of a chain.</summary>
/// <param name="Plugin">The plugin's registered name.</param>
/// <param name="Name">The instance's name.</param>
/// <param name="Kind">The kind; several joined by a comma and a space.</param>
/// <param name="Version">The version of the plugin's assembly.</param>
internal sealed record ChainEntryDescription(string Plugin, string Name, string Kind, string Version);

/// <summary>A registered plugin.</summary>
/// <param name="Name">The registered name.</param>
/// <param name="Kind">The kind; several joined by a comma and a space.</param>
/// <param name="Version">The version of its assembly.</param>
/// <param name="SdkVersion">The SDK that it was built on.</param>
/// <param name="Options">Its options.</param>
internal sealed record PluginDescription(
    string Name, string Kind, string Version, string SdkVersion, IReadOnlyList<PluginOptionDescription> Options);

/// <summary>An option of a plugin.</summary>
/// <param name="Name">The name in the configuration.</param>
/// <param name="Type">The type, for a person.</param>
/// <param name="Default">The default as JSON; null when the option is required.</param>
/// <param name="Description">What it does; null when the plugin does not say.</param>
internal sealed record PluginOptionDescription(string Name, string Type, string? Default, string? Description);
