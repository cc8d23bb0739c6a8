using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Calls;

/// <summary>Starts and stops plugins that want to be, and disposes them, whatever they throw.</summary>
internal static class PluginLifetime
{
    /// <exception cref="PluginException">It did not start within its timeout.</exception>
    public static async ValueTask StartAsync(PluginInstance plugin, PluginCaller calls, CancellationToken cancellationToken)
    {
        if (plugin.Plugin is not IPluginLifecycle lifecycle) return;
        await calls.CallAsync(
            new ObservedOperation(HostOperation.PluginStart) { Plugin = plugin },
            lifecycle,
            static async (state, ct) =>
            {
                await state.StartAsync(ct);
                return true;
            },
            count: null,
            cancellationToken);
    }

    /// <summary>Stops instances in reverse order, each within its own timeout and all within the deadline. Never throws.</summary>
    public static async Task StopAsync(
        IReadOnlyList<PluginInstance> plugins, TimeSpan deadline, PluginCaller calls, Action<PluginInstance, Exception> failed)
    {
        using var cancellation = new CancellationTokenSource(deadline, calls.Time);
        for (var i = plugins.Count - 1; i >= 0; i--)
        {
            var plugin = plugins[i];
            if (plugin.Plugin is not IPluginLifecycle lifecycle) continue;
            try
            {
                await calls.CallAsync(
                    new ObservedOperation(HostOperation.PluginStop) { Plugin = plugin },
                    lifecycle,
                    static async (state, ct) =>
                    {
                        await state.StopAsync(ct);
                        return true;
                    },
                    count: null,
                    cancellation.Token);
            }
            catch (Exception e)
            {
                failed(plugin, e);
            }
        }
    }

    /// <summary>Disposes instances in reverse order. Never throws.</summary>
    public static async Task DisposeAsync(
        IReadOnlyList<PluginInstance> plugins, TimeSpan deadline, PluginCaller calls, Action<PluginInstance, Exception> failed)
    {
        for (var i = plugins.Count - 1; i >= 0; i--)
        {
            try
            {
                await plugins[i].DisposeAsync().AsTask().WaitAsync(deadline, calls.Time);
            }
            catch (Exception e)
            {
                failed(plugins[i], e);
            }
        }
    }
}
