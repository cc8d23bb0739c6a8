using System.ComponentModel;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Http.Binding;

namespace PluginHost.Native.Resources;

internal sealed record AgentResource(
    string Name,
    [property: AllowedText("agent")] string Object,
    AgentModelResource Model,
    [property: Description("The chain; the first entry is outermost.")] IReadOnlyList<ChainEntryResource> Chain)
{
    /// <param name="chain">The agent's chain as it was built, with what the host added.</param>
    public static AgentResource From(Chain chain) =>
        new(
            chain.Agent.Name,
            "agent",
            new AgentModelResource(chain.Agent.Model.Client, chain.Agent.Model.Model),
            [.. chain.Plugins.Select(p => new ChainEntryResource(p.Entry.Plugin, p.Entry.Name, PluginKind.Describe(p.Kinds), p.Version))]);
}

internal sealed record AgentModelResource(string Client, string? Model);

internal sealed record ChainEntryResource(string Plugin, string Name, string Kind, string Version);

internal sealed record PluginResource(
    string Name,
    string Kind,
    string Version,
    [property: Description("The hash of all files of the plugin's folder, from which it was loaded.")] string Sha256,
    string SdkVersion,
    IReadOnlyList<PluginOptionResource> Options)
{
    [Description("The build that was given up because it failed too many runs, until the next reload.")]
    public PluginBuildResource? RolledBack { get; init; }

    /// <param name="plugin">The plugin.</param>
    /// <param name="serving">The generation that serves it.</param>
    public static PluginResource From(PluginDescriptor plugin, Generation serving) =>
        new(
            plugin.Name,
            PluginKind.Describe(plugin.Kinds),
            plugin.Version,
            plugin.Sha256,
            plugin.SdkVersion,
            [.. OptionRow.From(plugin.Options).Select(o => new PluginOptionResource(o.Name, o.Type, o.Default, o.Summary))])
        {
            RolledBack = serving.Cause == GenerationCause.Errors ? PluginBuildResource.From(serving.Changes.FirstOrDefault(c => c.Plugin == plugin.Name)?.From) : null,
        };
}

internal sealed record PluginOptionResource(string Name, string Type, string? Default, string? Description);

internal sealed record TelemetryResource(
    [property: AllowedText("telemetry")] string Object,
    [property: Description("Each exported signal; empty when nothing is exported.")] IReadOnlyList<SignalHealth> Signals,
    [property: Description("How many traces of ended runs this host keeps at most.")] int TraceCapacity,
    [property: Description("How many it keeps now.")] int KeptTraces);

internal sealed record HealthResource(
    [property: AllowedText("ok")] string Status,
    [property: Description("Readiness only, when telemetry is sent somewhere: what was lost of it since the start. It does not make a host unready.")]
    IReadOnlyList<SignalHealth>? Telemetry = null,
    [property: Description("Readiness only: why the host should be restarted when that suits.")] string? Restart = null)
{
    [Description("Readiness only: plugins that work in part. They do not make a host unready.")]
    public IReadOnlyList<DegradedPluginResource>? Degraded { get; init; }
}

/// <summary>A plugin that works in part.</summary>
internal sealed record DegradedPluginResource(
    [property: Description("The plugin, or `plugin/name`.")] string Plugin,
    [property: Description("Cause and cure, for a person.")] string Text);
