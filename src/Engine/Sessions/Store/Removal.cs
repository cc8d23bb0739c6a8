namespace PluginHost.Engine.Sessions.Store;

/// <summary>What one plugin removed.</summary>
internal sealed record Removal(string Plugin, string Kind, int Removed)
{
    /// <summary>Agents may share a plugin's data: one line for it.</summary>
    public static void Add(List<Removal> removals, string plugin, string kind, int removed)
    {
        var index = removals.FindIndex(r => r.Plugin == plugin && r.Kind == kind);
        if (index < 0) removals.Add(new Removal(plugin, kind, removed));
        else removals[index] = removals[index] with { Removed = removals[index].Removed + removed };
    }
}
