using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Engine.Calls;

/// <summary>What an entry's settings mean for its calls.</summary>
internal static class EntryRules
{
    /// <summary>Whether a failing operation of the entry is passed over. The default is fail, and skip for context providers.</summary>
    public static bool Skips(this PluginEntry entry, HostOperation operation) =>
        (entry.Host.OnError ?? (operation.PluginKind == PluginKind.Context.ObservedAs ? OnError.Skip : OnError.Fail)) == OnError.Skip;

    /// <summary>Whether the entry's history stores a context message that a provider gave.</summary>
    public static bool Stores(this PluginEntry entry, string source) =>
        entry.Host.StoreContextFrom.Count > 0 ? entry.Host.StoreContextFrom.Contains(source) : entry.Host.StoreContext;
}
