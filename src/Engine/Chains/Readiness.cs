using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Chains;

/// <summary>What was found of the plugins of a set of chains: each path is a source id.</summary>
/// <param name="Unhealthy">What keeps which plugin from its work.</param>
/// <param name="Degraded">Which plugins work in part only.</param>
internal sealed record Readiness(IReadOnlyList<ProblemError> Unhealthy, IReadOnlyList<ProblemError> Degraded);
