using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace PluginHost.Telemetry.Export;

/// <summary>
/// Exports the remaining telemetry when the host stops, all signals in parallel and with a deadline. Otherwise the container would
/// dispose the providers one by one, and each would wait for an unresponsive collector.
/// </summary>
internal sealed class TelemetryShutdown(
    IServiceProvider services, IEnumerable<OtlpSignal> signals, IReadOnlyList<IDisposable> listeners, TimeSpan timeout, ILogger logger)
    : IHostedLifecycleService, IDisposable
{
    // Resolve the providers here, so that the container disposes this object before them.
    private readonly TracerProvider? _traces = services.GetService<TracerProvider>();
    private readonly MeterProvider? _metrics = services.GetService<MeterProvider>();
    private readonly LoggerProvider? _logs = services.GetService<LoggerProvider>();
    private int _stopped;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs after all other services have stopped, so that their last spans are exported, too.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0) return;
        var milliseconds = (int)timeout.TotalMilliseconds;
        var all = Task.WhenAll(
            RunOnThread(() => _traces?.Shutdown(milliseconds)),
            RunOnThread(() => _metrics?.Shutdown(milliseconds)),
            RunOnThread(() => _logs?.Shutdown(milliseconds)));
        try
        {
            await all.WaitAsync(timeout, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            Log.ShutdownTimedOut(logger, timeout);
        }

        foreach (var signal in signals) signal.CancelRequests();
    }

    public void Dispose()
    {
        StoppedAsync(CancellationToken.None).GetAwaiter().GetResult();
        foreach (var listener in listeners) listener.Dispose();
    }

    // Separate threads: each may block until the deadline, and the thread pool may be busy.
    private static Task RunOnThread(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
