namespace PluginHost.Engine.Configuration.Model;

/// <summary>How plugins are loaded, and taken over when they change. Immutable.</summary>
internal sealed record PluginLoadingConfiguration
{
    /// <summary>The folder for the copies that plugins are loaded from; null for <c>data/plugin-cache</c>. Once read, it is absolute.</summary>
    public string? Cache { get; init; }
}
