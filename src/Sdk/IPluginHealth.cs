namespace PluginHost.Sdk;

/// <summary>
/// Optional: a plugin that knows whether it can do its work now. The host asks when somebody asks it whether it is ready, and is not
/// ready while a plugin is not.
/// </summary>
public interface IPluginHealth
{
    /// <summary>
    /// Tells what keeps the plugin from its work. Called often, concurrently with all other methods: cheap while all is well. After a
    /// failure it should try again by itself, because nobody else does while the host is not ready.
    /// </summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>
    /// Null when all is well; else cause and cure in a sentence or two for an operator. Callers without a key see it: nothing secret
    /// may be in it.
    /// </returns>
    ValueTask<string?> CheckHealthAsync(CancellationToken cancellationToken);
}
