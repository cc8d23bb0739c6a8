using PluginHost.Engine.Chains;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>An agent's chain for a call that is not a run. Keeps the chain's clients alive until it is disposed.</summary>
internal sealed class ModelLease(ChainSet set, Chain chain) : IDisposable
{
    public Chain Chain { get; } = chain;

    /// <summary>The middleware of the agent that sees every request to the model, and would not see this call.</summary>
    public IEnumerable<PluginInstance> Bypassed => Chain.Plugins.Where(static p => p.Plugin is IRunMiddleware or IChatMiddleware);

    public void Dispose() => set.Release();
}
