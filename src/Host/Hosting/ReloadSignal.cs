using System.Runtime.InteropServices;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Hosting;

namespace PluginHost.Hosting;

/// <summary>Reloads on SIGHUP, which otherwise ends a process. Thread-safe.</summary>
internal sealed class ReloadSignal : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PosixSignalRegistration? _registration;
    private Action? _reload;
    private bool _isPending;

    /// <summary>From now on the signal does not end the process. Before <see cref="Attach"/> it is remembered.</summary>
    public ReloadSignal()
    {
        // On Windows that is the closing of the console.
        if (!OperatingSystem.IsWindows()) _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
    }

    /// <summary>From now on the signal reloads.</summary>
    public void Attach(HostRuntime runtime, ILogger logger)
    {
        lock (_lock)
        {
            _reload = () => _ = ReloadAsync(runtime, logger);
            if (_isPending) _reload();
        }
    }

    public void Dispose() => _registration?.Dispose();

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (_lock)
        {
            if (_reload is null) _isPending = true;
            else _reload();
        }
    }

    private static async Task ReloadAsync(HostRuntime runtime, ILogger logger)
    {
        try
        {
            await runtime.ReloadAsync(GenerationCause.Signal, CancellationToken.None);
        }
        catch (ProblemException)
        {
            // The runtime has logged it.
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
        catch (Exception e)
        {
            Log.SignalReloadFailed(logger, LoggableError.From(e));
        }
    }
}
