using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins;

/// <summary>A plugin's history and store as the engine calls them: the plugin itself, or what finds its successor after a handover. Immutable.</summary>
internal sealed record ReplaceableCalls(HandoverSlot? Slot, IHistoryProvider? History, ISessionStore? Store, IRunExplanations? Explanations)
{
    public ISessionCleanup? SessionCleanup { get; private init; }

    public IMessageCleanup? MessageCleanup { get; private init; }

    /// <param name="plugin">The plugin.</param>
    /// <param name="gate">Holds its calls back during a handover; null for a plugin that hands nothing over.</param>
    public static ReplaceableCalls Create(object plugin, HandoverGate? gate)
    {
        if (gate is null)
        {
            return new(null, plugin as IHistoryProvider, plugin as ISessionStore, plugin as IRunExplanations)
            {
                SessionCleanup = plugin as ISessionCleanup,
                MessageCleanup = plugin as IMessageCleanup,
            };
        }

        var slot = new HandoverSlot(plugin, gate);
        var cleanup = new ReplaceableCleanup(slot);
        return new(
            slot,
            plugin is IHistoryProvider ? new ReplaceableHistory(slot) : null,
            plugin is ISessionStore ? ReplaceableStore.Create(slot) : null,
            plugin is IRunExplanations ? new ReplaceableExplanations(slot) : null)
        {
            SessionCleanup = plugin is ISessionCleanup ? cleanup : null,
            MessageCleanup = plugin is IMessageCleanup ? cleanup : null,
        };
    }
}
