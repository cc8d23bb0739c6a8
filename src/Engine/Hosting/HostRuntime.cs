using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Runs.Admission;

namespace PluginHost.Engine.Hosting;

/// <summary>
/// The host's life: the first set of chains, reloads, and the end, when runs are drained before plugins are. Thread-safe.
/// </summary>
/// <param name="setup">The configuration and plugins at the start.</param>
/// <param name="load">Reads them again, for reloads.</param>
/// <param name="apply">Applies a new configuration to the parts around the engine.</param>
/// <param name="factory">Builds the chains.</param>
/// <param name="chains">Holds them.</param>
/// <param name="engine">Runs them.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class HostRuntime(
    HostSetup setup,
    Func<HostSetup> load,
    Action<HostConfiguration> apply,
    ChainSetFactory factory,
    ChainHolder chains,
    RunEngine engine,
    TimeProvider time,
    ILogger<HostRuntime> logger)
{
    /// <summary>
    /// How much longer than <c>Server:ShutdownTimeout</c> the end of the host may take: for runs that are cancelled, and for plugins to
    /// stop. With the default of 20 s, and telemetry's own limit, the sum stays below the 30 s of Kubernetes.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _reloading = new(1);
    private volatile HostSetup _setup = setup;
    private volatile Deadline? _shutdown;

    /// <summary>The plugins, used or not.</summary>
    public PluginCatalog Catalog => _setup.Catalog;

    private TimeSpan RunTimeout => _setup.Configuration!.Server.ShutdownTimeout;

    /// <exception cref="StartupException">The chains cannot be built.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await chains.SwapAsync(await factory.BuildAsync(_setup.Configuration!, _setup.Catalog, cancellationToken), RunTimeout);
        CollectCopies();
    }

    /// <summary>Refuses new runs, and returns when those in progress have ended, or have been cancelled and stored.</summary>
    public Task DrainAsync()
    {
        _shutdown = new Deadline(time, RunTimeout + Grace);
        var drained = engine.StopAsync(RunTimeout, Grace / 2);
        Log.Stopping(logger, RunTimeout);
        return drained;
    }

    /// <summary>Stops the plugins and disposes them, in reverse, within what is left of the shutdown's time.</summary>
    public Task StopPluginsAsync() => chains.StopAsync(_shutdown ?? new Deadline(time, Grace));

    /// <summary>Reads the configuration again and replaces the chains.</summary>
    /// <returns>The agents that serve from now on.</returns>
    /// <exception cref="ProblemException">The new configuration is wrong, and the old one continues to serve. Has all errors.</exception>
    public async ValueTask<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken)
    {
        await _reloading.WaitAsync(cancellationToken);
        try
        {
            var next = load();
            if (next.Configuration is null) throw Refused(next.Errors);
            var set = await factory.BuildAsync(next.Configuration, next.Catalog, cancellationToken);
            _setup = next;
            apply(next.Configuration);
            // Runs in progress end on the old chains; the reload does not wait for them.
            _ = chains.SwapAsync(set, RunTimeout);
            Log.Reloaded(logger, set.Chains.Count);
            return [.. set.Chains.Select(c => c.Agent.Name)];
        }
        catch (StartupException e)
        {
            throw Refused(e.Errors);
        }
        finally
        {
            _reloading.Release();
        }
    }

    /// <summary>Old copies of plugins cost space only.</summary>
    private void CollectCopies()
    {
        try
        {
            _setup.Cache?.Collect();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.CopiesKept(logger, e.Message);
        }
    }

    private ProblemException Refused(IReadOnlyList<ConfigurationError> errors)
    {
        Log.ReloadRefused(logger, string.Join(' ', errors));
        return new ProblemException(ProblemTypes.ConfigurationInvalid, "The new configuration is wrong, so the old one continues to serve.")
        {
            Errors = [.. errors.Select(e => new ProblemError(e.Path, e.Message, e.Cure))],
        };
    }
}
