using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains;

/// <summary>Asks the plugins of a set of chains whether they can do their work.</summary>
internal static class HealthCheck
{
    public static async ValueTask<Readiness> AskAsync(ChainSet set, PluginCaller caller)
    {
        var (unhealthy, degraded) = (new List<ProblemError>(), new List<ProblemError>());
        // Side by side, so that several that do not answer take the time of one.
        var asked = set.Plugins.Where(p => p.Health is not null).Select(p => (Plugin: p, Answer: AskAsync(p, p.Health!, caller).AsTask())).ToList();
        foreach (var (plugin, answer) in asked)
        {
            if (await answer is not { Text: { } trouble } health) continue;
            var found = health.IsReady ? degraded : unhealthy;
            // A history and a store on one file have one trouble.
            if (!found.Exists(f => f.Message == trouble)) found.Add(new ProblemError(plugin.SourceId, trouble));
        }

        return new Readiness(unhealthy, degraded);
    }

    private static async ValueTask<PluginHealth> AskAsync(PluginInstance plugin, IPluginHealth health, PluginCaller caller)
    {
        try
        {
            return await caller.CallUnobservedAsync(
                new PluginCall(plugin, HostOperation.HealthCheck), health, static (h, ct) => h.CheckHealthAsync(ct), CancellationToken.None)
                ?? PluginHealth.Unhealthy("It returned null instead of its health.");
        }
        catch (PluginException e)
        {
            return PluginHealth.Unhealthy(StorageFailure.Describe(e));
        }
    }
}
