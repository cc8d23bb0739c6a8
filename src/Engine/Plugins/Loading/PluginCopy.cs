namespace PluginHost.Engine.Plugins.Loading;

/// <summary>The copy of a plugin's folder that the host loads from. Its files do not change, so what is read of them once stays true.</summary>
/// <param name="Folder">The copy.</param>
/// <param name="Sha256">The hash of all its files.</param>
internal sealed record PluginCopy(string Folder, string Sha256);
