namespace PluginHost.Engine.Observation;

/// <summary>The load contexts of a plugin's folder. A changed plugin gets another one, and the old one stays.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Bytes">The size of the assemblies that are loaded in them.</param>
internal readonly record struct LoadedContexts(int Count, long Bytes);
