using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace PluginHost.Telemetry.Export;

/// <summary>
/// Sends what is left when the host stops, all signals at once, and gives up at a deadline: one after another, as their owner
/// disposes them, three signals would wait for a silent collector three times.
/// </summary>
internal sealed class TelemetryShutdown(
    IServiceProvider services, IEnumerable<OtlpSignal> signals, IReadOnlyList<IDisposable> listeners, TimeSpan timeout, ILogger logger)
    : IHostedLifecycleService, IDisposable
{
    // Taken now, so that the container disposes this before them.
    private readonly TracerProvider? _traces = services.GetService<TracerProvider>();
    private readonly MeterProvider? _metrics = services.GetService<MeterProvider>();
    private readonly LoggerProvider? _logs = services.GetService<LoggerProvider>();
    private int _stopped;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After all other services have stopped, so that their last spans are sent too.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0) return;
        var milliseconds = (int)timeout.TotalMilliseconds;
        var all = Task.WhenAll(
            Run(() => _traces?.Shutdown(milliseconds)), Run(() => _metrics?.Shutdown(milliseconds)), Run(() => _logs?.Shutdown(milliseconds)));
        try
        {
            await all.WaitAsync(timeout, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            Log.ShutdownCut(logger, timeout);
        }

        foreach (var signal in signals) signal.Cut();
    }

    public void Dispose()
    {
        StoppedAsync(CancellationToken.None).GetAwaiter().GetResult();
        foreach (var listener in listeners) listener.Dispose();
    }

    // Threads of their own: each may block until the deadline, and the pool may be busy.
    private static Task Run(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
