namespace PluginHost.Engine.Observation;

/// <summary>A plugin instance, as an observer knows it. Immutable.</summary>
/// <param name="SourceId">The plugin's name, with the entry's name when they differ.</param>
/// <param name="Version">The version of its assembly.</param>
/// <param name="Index">Its place in the chain, from 0; -1 for what the host added.</param>
internal sealed record ObservedPlugin(string SourceId, string Version, int Index);
