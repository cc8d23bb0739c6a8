using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>Where the copies of plugins are: the configured folder, the default one, or a temporary one when that cannot be written.</summary>
internal static class PluginCacheSetting
{
    private const string Path = "PluginLoading:Cache";
    private const string Cure = "Set PluginLoading:Cache to a folder on a local disk that the host's user owns.";

    /// <summary>Opens the cache unless it is open.</summary>
    /// <returns>Whether it is open.</returns>
    public static bool TryOpen(PluginCache cache, string? configured, HostPaths paths, List<ConfigurationError> errors, List<ConfigurationError> warnings)
    {
        if (cache.IsOpen || TryOpen(() => cache.Open(configured ?? paths.PluginCache)) is not { } reason) return true;
        var found = new ConfigurationError(Path, $"Plugins cannot be copied to '{configured ?? paths.PluginCache}' for loading: {reason}", Cure);
        if (configured is null && TryOpen(cache.OpenTemporary) is null)
        {
            warnings.Add(found with { Message = $"{found.Message} This host uses '{cache.Folder}', which is deleted when it stops." });
            return true;
        }

        errors.Add(found);
        return false;
    }

    private static string? TryOpen(Action open)
    {
        try
        {
            open();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
