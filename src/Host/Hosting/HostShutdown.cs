using PluginHost.Engine.Hosting;

namespace PluginHost.Hosting;

/// <summary>
/// The order of the end: runs are drained while the server still listens, so that callers get an answer instead of a refused
/// connection, and plugins stop while telemetry is still sent, so that it misses nothing of the last runs.
/// </summary>
internal sealed class HostShutdown(HostRuntime runtime) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => runtime.DrainAsync();

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before telemetry, which was registered earlier and so ends later.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => runtime.StopPluginsAsync();
}
