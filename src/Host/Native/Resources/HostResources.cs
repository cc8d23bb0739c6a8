using System.ComponentModel;
using PluginHost.Http.Description;

namespace PluginHost.Native.Resources;

internal sealed record AgentResource(
    string Name,
    [property: AllowedText("agent")] string Object,
    AgentModelResource Model,
    [property: Description("The chain; the first entry is outermost.")] IReadOnlyList<ChainEntryResource> Chain)
{
    public static AgentResource From(AgentDescription agent) =>
        new(
            agent.Name,
            "agent",
            new AgentModelResource(agent.Client, agent.Model),
            [.. agent.Chain.Select(e => new ChainEntryResource(e.Plugin, e.Name, e.Kind, e.Version))]);
}

internal sealed record AgentModelResource(string Client, string? Model);

internal sealed record ChainEntryResource(string Plugin, string Name, string Kind, string Version);

internal sealed record PluginResource(
    string Name,
    string Kind,
    string Version,
    string SdkVersion,
    IReadOnlyList<PluginOptionResource> Options)
{
    public static PluginResource From(PluginDescription plugin) =>
        new(
            plugin.Name,
            plugin.Kind,
            plugin.Version,
            plugin.SdkVersion,
            [.. plugin.Options.Select(o => new PluginOptionResource(o.Name, o.Type, o.Default, o.Description))]);
}

internal sealed record PluginOptionResource(string Name, string Type, string? Default, string? Description);

internal sealed record ReloadResource(
    [property: AllowedText("reload")] string Object,
    [property: Description("The agents that serve from now on.")] IReadOnlyList<string> Agents);

internal sealed record HealthResource(
    [property: AllowedText("ok")] string Status,
    [property: Description("Readiness only, when telemetry is sent somewhere: what was lost of it since the start. It does not make a host unready.")]
    IReadOnlyList<SignalHealth>? Telemetry = null);
