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
    /// <returns>What keeps which plugin from its work; empty when all is well.</returns>
    public static async ValueTask<List<ProblemError>> AskAsync(ChainSet set, PluginCaller caller)
    {
        var found = new List<ProblemError>();
        foreach (var plugin in set.Plugins)
        {
            if (plugin.Health is not { } health || await AskAsync(plugin, health, caller) is not { } trouble) continue;
            // A history and a store on one file have one trouble.
            if (!found.Exists(f => f.Message == trouble)) found.Add(new ProblemError(plugin.SourceId, trouble));
        }

        return found;
    }

    private static async ValueTask<string?> AskAsync(PluginInstance plugin, IPluginHealth health, PluginCaller caller)
    {
        try
        {
            return await caller.CallUnobservedAsync(
                new PluginCall(plugin, HostOperation.HealthCheck), health, static (h, ct) => h.CheckHealthAsync(ct), CancellationToken.None);
        }
        catch (PluginException e)
        {
            return StorageFailure.Describe(e);
        }
    }
}
