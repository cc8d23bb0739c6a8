namespace PluginHost.Engine.Plugins.Loading;

/// <summary>The copy of a plugin's folder that the host loads from.</summary>
/// <param name="Folder">The copy.</param>
/// <param name="Sha256">The hash of all its files.</param>
internal sealed record PluginCopy(string Folder, string Sha256);
