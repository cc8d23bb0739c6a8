using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Calls;

/// <summary>Starts, stops and disposes plugins, whatever they throw.</summary>
internal static class PluginLifetime
{
    /// <summary>Lets a plugin take its resource, and starts it.</summary>
    /// <exception cref="PluginException">It did not start within its timeout.</exception>
    public static async ValueTask StartAsync(PluginInstance plugin, PluginCaller caller, CancellationToken cancellationToken)
    {
        await AcquireAsync(plugin, caller, cancellationToken);
        if (plugin.Plugin is not IPluginLifecycle lifecycle) return;
        await caller.CallAsync(
            new PluginCall(plugin, HostOperation.PluginStart), lifecycle, static (l, ct) => new ValueTask(l.StartAsync(ct).AsTask()), cancellationToken);
    }

    /// <summary>Lets a plugin take the resource that only one build of it can hold.</summary>
    /// <exception cref="PluginException">It did not within its timeout.</exception>
    public static ValueTask AcquireAsync(PluginInstance plugin, PluginCaller caller, CancellationToken cancellationToken) =>
        plugin.Handover is { } handover
            ? caller.CallUnobservedAsync(new PluginCall(plugin, HostOperation.ResourceAcquire), handover, static (h, ct) => h.AcquireAsync(ct), cancellationToken)
            : default;

    /// <summary>Lets a plugin give that resource up.</summary>
    /// <exception cref="PluginException">It did not within its timeout.</exception>
    public static ValueTask ReleaseAsync(PluginInstance plugin, PluginCaller caller, CancellationToken cancellationToken) =>
        plugin.Handover is { } handover
            ? caller.CallUnobservedAsync(new PluginCall(plugin, HostOperation.ResourceRelease), handover, static (h, ct) => h.ReleaseAsync(ct), cancellationToken)
            : default;

    /// <summary>
    /// Ends the instances' work in the background, then stops them in reverse order, each within its own timeout and all within the
    /// deadline. Never throws.
    /// </summary>
    public static Task StopAsync(
        IReadOnlyList<PluginInstance> plugins, Deadline deadline, PluginCaller caller, Action<PluginInstance, Exception> failed)
    {
        foreach (var plugin in plugins) plugin.BeginStop();
        return InReverseAsync(plugins.Where(p => p.Plugin is IPluginLifecycle), deadline, caller.Time, failed, (plugin, token) => caller.CallAsync(
            new PluginCall(plugin, HostOperation.PluginStop),
            (IPluginLifecycle)plugin.Plugin,
            static (lifecycle, ct) => lifecycle.StopAsync(ct),
            token));
    }

    /// <summary>Disposes instances in reverse order, each within its own timeout and all within the deadline. Never throws.</summary>
    public static Task DisposeAsync(
        IReadOnlyList<PluginInstance> plugins, Deadline deadline, PluginCaller caller, Action<PluginInstance, Exception> failed) =>
        InReverseAsync(plugins, deadline, caller.Time, failed, (plugin, token) => caller.CallUnobservedAsync(
            new PluginCall(plugin, HostOperation.PluginDispose), plugin, static (p, _) => p.DisposeAsync(), token));

    /// <summary>Disposes a chat client on another thread, within the deadline. Never throws.</summary>
    public static async Task DisposeAsync(IDisposable client, Deadline deadline, TimeProvider time, Action<Exception> failed)
    {
        var disposing = Task.Run(client.Dispose);
        try
        {
            await disposing.WaitAsync(deadline.Remaining, time);
        }
        catch (Exception e)
        {
            BoundedWait.Forget(disposing);
            failed(e);
        }
    }

    private static async Task InReverseAsync(
        IEnumerable<PluginInstance> plugins,
        Deadline deadline,
        TimeProvider time,
        Action<PluginInstance, Exception> failed,
        Func<PluginInstance, CancellationToken, ValueTask> call)
    {
        using var cancellation = new CancellationTokenSource(deadline.Remaining, time);
        foreach (var plugin in plugins.Reverse())
        {
            try
            {
                await call(plugin, cancellation.Token);
            }
            catch (Exception e)
            {
                failed(plugin, e);
            }
        }
    }
}
