using PluginHost.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Pipeline;

/// <summary>Starts plugins in order, and stops and disposes them in reverse, whatever they throw.</summary>
internal static class PluginLifetime
{
    /// <summary>Starts instances in order.</summary>
    /// <param name="plugins">The instances.</param>
    /// <param name="time">The clock of their timeouts.</param>
    /// <param name="cancellationToken">Cancelled when the host gives up starting.</param>
    /// <exception cref="PluginException">One did not start. None of those before it was stopped: the caller does that.</exception>
    public static async Task StartAsync(IEnumerable<PluginInstance> plugins, TimeProvider time, CancellationToken cancellationToken)
    {
        foreach (var plugin in plugins)
        {
            if (plugin.Plugin is not IPluginLifecycle lifecycle) continue;
            try
            {
                await lifecycle.StartAsync(cancellationToken).AsTask().WaitAsync(plugin.Entry.Timeout, time, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                throw new PluginException(plugin.SourceId, nameof(IPluginLifecycle.StartAsync), e, e is TimeoutException);
            }
        }
    }

    /// <summary>Stops and disposes instances in reverse order; never throws.</summary>
    public static async Task StopAsync(
        IReadOnlyList<PluginInstance> plugins, TimeSpan deadline, TimeProvider time, Action<PluginInstance, Exception> failed)
    {
        using var cancellation = new CancellationTokenSource(deadline, time);
        foreach (var plugin in plugins.Reverse())
        {
            try
            {
                if (plugin.Plugin is IPluginLifecycle lifecycle)
                    await lifecycle.StopAsync(cancellation.Token).AsTask().WaitAsync(deadline, time);
            }
            catch (Exception e)
            {
                failed(plugin, e);
            }

            try
            {
                await plugin.DisposeAsync().AsTask().WaitAsync(deadline, time);
            }
            catch (Exception e)
            {
                failed(plugin, e);
            }
        }
    }
}
