namespace PluginHost.Sdk;

/// <summary>
/// Optional: a plugin that must open something before its first call, or finish something before it is disposed.
/// A plugin that holds resources may also implement <see cref="IAsyncDisposable"/> or <see cref="IDisposable"/>.
/// </summary>
public interface IPluginLifecycle
{
    /// <summary>
    /// Called once, after the constructor and before any other method, in chain order. What it throws stops the host from
    /// starting, or a reload from being applied.
    /// </summary>
    /// <param name="cancellationToken">Cancelled when the host gives up starting.</param>
    ValueTask StartAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Called once, after the last call of any other method and before disposal, in reverse chain order; only when
    /// <see cref="StartAsync"/> has returned. What it throws is logged.
    /// </summary>
    /// <param name="cancellationToken">Cancelled at the shutdown deadline.</param>
    ValueTask StopAsync(CancellationToken cancellationToken);
}
