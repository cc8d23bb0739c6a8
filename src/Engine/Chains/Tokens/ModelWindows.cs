using System.Collections.Concurrent;

namespace PluginHost.Engine.Chains.Tokens;

/// <summary>What is learnt of the models of agents, which outlives a reload. Thread-safe.</summary>
internal sealed class ModelWindows
{
    private readonly ConcurrentDictionary<(string Agent, string? Model), ModelWindow> _windows = new();

    /// <param name="agent">The agent.</param>
    /// <param name="model">The name of its model; null when it is not known.</param>
    public ModelWindow Get(string agent, string? model) => _windows.GetOrAdd((agent, model), static key => new ModelWindow(key.Model));
}
