namespace PluginHost.Sdk;

/// <summary>
/// Optional: a plugin with work to do before its first call or before it is disposed.
/// A plugin that holds resources may also implement <see cref="IAsyncDisposable"/> or <see cref="IDisposable"/>.
/// </summary>
public interface IPluginLifecycle
{
    /// <summary>
    /// Called once, after the constructor and before any other method, in chain order. An exception prevents the start of the
    /// host, or the reload.
    /// </summary>
    /// <param name="cancellationToken">Cancelled when the start is cancelled.</param>
    ValueTask StartAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Called once, after the last call of any other method and before disposal, in reverse chain order. Not called when
    /// <see cref="StartAsync"/> failed. An exception is logged.
    /// </summary>
    /// <param name="cancellationToken">Cancelled at the shutdown deadline.</param>
    ValueTask StopAsync(CancellationToken cancellationToken);
}
