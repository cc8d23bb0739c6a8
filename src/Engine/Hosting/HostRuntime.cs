using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Sessions.Hosts;

namespace PluginHost.Engine.Hosting;

/// <summary>
/// The host's life: the first generation, those that replace it, and the end, when runs are drained before plugins are. A generation
/// is built completely beside the serving one, which stays when anything of that fails. Thread-safe.
/// </summary>
/// <param name="setup">The configuration and plugins at the start.</param>
/// <param name="load">Reads them again, for reloads.</param>
/// <param name="apply">Applies a new configuration to the parts around the engine; not at a rollback, which must not bring back revoked keys.</param>
/// <param name="factory">Builds the chains.</param>
/// <param name="chains">Holds them.</param>
/// <param name="engine">Runs them.</param>
/// <param name="hosts">The hosts that share the session store.</param>
/// <param name="caller">Calls the plugins.</param>
/// <param name="logger">The log.</param>
/// <param name="check">Reads them for a check, with another text of the file when one is given.</param>
internal sealed class HostRuntime(
    HostSetup setup,
    Func<HostSetup> load,
    Action<HostConfiguration> apply,
    ChainSetFactory factory,
    ChainHolder chains,
    RunEngine engine,
    HostMembership hosts,
    PluginCaller caller,
    ILogger<HostRuntime> logger,
    Func<string?, HostSetup>? check = null)
{
    /// <summary>
    /// How much longer than <c>Server:ShutdownTimeout</c> the end of the host may take: for runs that are cancelled, and for plugins to
    /// stop. With the default of 20 s, and telemetry's own limit, the sum stays below the 30 s of Kubernetes.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _reloading = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Generations _generations = new(setup, chains, caller.Time, logger);
    private readonly GenerationCheck _check = new(chains, engine, factory, caller, logger);
    private readonly CandidateChains _candidates = new(factory);
    private volatile Deadline? _shutdown;

    /// <summary>When the process began to build its first generation.</summary>
    public DateTimeOffset StartedAt { get; } = caller.Time.GetUtcNow();

    /// <summary>The configuration and plugins that serve.</summary>
    public HostSetup Setup => _generations.Setup;

    /// <summary>Whether changed plugin folders are taken over by themselves.</summary>
    public bool Watches => Configuration.PluginLoading.Watch;

    /// <inheritdoc cref="Generations.All"/>
    public IReadOnlyList<Generation> Generations => _generations.All;

    /// <inheritdoc cref="Generations.RestartReason"/>
    public string? RestartReason => _generations.RestartReason;

    /// <summary>The options of a plugin that serves, or of a chat client of the host; null when there is none of that name.</summary>
    public OptionType? FindOptions(string name) => factory.FindOptions(Setup, name);

    private HostConfiguration Configuration => _generations.Setup.Configuration!;

    /// <param name="cancellationToken">Cancels the start.</param>
    /// <param name="takesRunsOver">Whether this process serves, and continues the runs that the last one left.</param>
    /// <exception cref="StartupException">The chains cannot be built.</exception>
    public async Task StartAsync(CancellationToken cancellationToken, bool takesRunsOver = true)
    {
        var (start, first) = (GenerationStart.Now(caller.Time), _generations.Setup);
        _generations.Serve(first, await factory.BuildAsync(first.Configuration!, first.Catalog, [], cancellationToken), GenerationCause.Start, start, rollbackReason: null);
        CollectCopies();
        _ = first.Catalog.IdentifyLaterAsync(caller.Time, _stopping.Token);
        // Before any address is listened on, so that runs of the last process come before new ones.
        if (!takesRunsOver) return;
        (hosts.CountRuns, hosts.TakeRunsOver) = (() => engine.Count(tenant: null).Running, engine.TakeRunsOverAsync);
        await hosts.StartAsync();
        await engine.RecoverAsync(cancellationToken);
    }

    /// <summary>Checks the configuration and the plugins as they are now, without building anything.</summary>
    /// <param name="text">What is checked instead of the file's text; null for the file.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    public async Task<SetupCheck> CheckAsync(string? text, CancellationToken cancellationToken)
    {
        var found = await Task.Run(() => check is null ? load() : check(text), cancellationToken);
        var errors = found.Errors.Concat(await factory.FindOptionErrorsAsync(found)).Distinct().ToList();
        return new SetupCheck(found, errors, SettingChanges.Between(setup.Loaded, Setup.Loaded, found.Loaded));
    }

    /// <summary>Refuses new runs, and returns when those in progress have ended, or have been cancelled and stored.</summary>
    public Task DrainAsync()
    {
        var timeout = Configuration.Server.ShutdownTimeout;
        _shutdown = new Deadline(caller.Time, timeout + Grace);
        BoundedWait.Cancel(_stopping);
        engine.Events.Publish(new HostEvent.Stopping());
        var drained = engine.StopAsync(timeout, Grace / 2);
        Log.Stopping(logger, timeout);
        return LeaveAsync(drained);
    }

    private async Task LeaveAsync(Task drained)
    {
        // Other hosts need not wait for the sessions that are not in use. Nor does this one for a database that hangs.
        _ = hosts.BeginToLeaveAsync();
        await drained;
        await hosts.LeaveAsync();
        // Followers see the ends of the last runs. The server waits for them, so they must not stay.
        engine.Events.Close();
    }

    /// <summary>Stops the plugins of all generations and disposes them, in reverse, within what is left of the shutdown's time.</summary>
    public Task StopPluginsAsync() => chains.StopAsync(_shutdown ?? new Deadline(caller.Time, Grace));

    /// <summary>Reads the configuration and the plugins again and replaces the generation.</summary>
    /// <returns>The generation that serves from now on.</returns>
    /// <exception cref="ProblemException">The new generation cannot serve, and the old one continues to. Has all errors.</exception>
    public ValueTask<Generation> ReloadAsync(GenerationCause cause, CancellationToken cancellationToken) =>
        AloneAsync(ct => ReplaceAsync(load, cause, ct), cancellationToken);

    /// <summary>Builds the generation before the serving one again, from its configuration and its copies of the plugins.</summary>
    /// <exception cref="ProblemException">There is none to restore, or it cannot serve any more.</exception>
    public ValueTask<Generation> RollBackAsync(CancellationToken cancellationToken) => AloneAsync(
        ct =>
        {
            var previous = _generations.FindPrevious() ?? throw new ProblemException(
                ProblemTypes.NothingToRollBack,
                $"No earlier generation is kept. One is kept for {Configuration.PluginLoading.KeepPrevious} after a reload (PluginLoading:KeepPrevious), and not after a rollback.");
            return ReplaceAsync(() => previous, GenerationCause.Rollback, ct);
        },
        cancellationToken);

    /// <summary>Restores the generation before a broken one, unless that does not serve any more, or there is none to restore.</summary>
    private ValueTask<Generation> GiveUpAsync(Generation broken, string reason) => AloneAsync(
        ct =>
        {
            if (Generations[0] != broken || _generations.FindPrevious() is not { } previous) return new(broken);
            Log.RollingBack(logger, broken.Number, reason);
            return ReplaceAsync(() => previous, GenerationCause.Errors, ct, reason);
        },
        CancellationToken.None);

    /// <summary>Builds the chains of another configuration beside the serving ones, uses them, and takes them down. They take nothing over.</summary>
    /// <exception cref="ProblemException">They cannot be built. Has all errors.</exception>
    public async ValueTask<T> TryAsync<T>(Func<HostSetup> read, Func<ChainSet, CancellationToken, ValueTask<T>> use, CancellationToken cancellationToken)
    {
        // Only the build excludes reloads: an automatic rollback must not wait for the rest.
        var set = await AloneAsync(ct => _candidates.BuildAsync(read, ct), cancellationToken);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        try
        {
            return await use(set, either.Token);
        }
        finally
        {
            await set.DiscardAsync(caller);
        }
    }

    private async ValueTask<T> AloneAsync<T>(Func<CancellationToken, ValueTask<T>> replace, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        await _reloading.WaitAsync(either.Token);
        try
        {
            return await replace(either.Token);
        }
        finally
        {
            _reloading.Release();
        }
    }

    private async ValueTask<Generation> ReplaceAsync(Func<HostSetup> read, GenerationCause cause, CancellationToken cancellationToken, string? rollbackReason = null)
    {
        var start = GenerationStart.Now(caller.Time);
        // It reads and copies files.
        var next = await Task.Run(read, cancellationToken);
        if (next.Configuration is null) throw Refused(next.Errors);
        try
        {
            var trouble = await _check.FindTroubleAsync();
            var set = await factory.BuildAsync(next.Configuration, next.Catalog, chains.Live, cancellationToken);
            await CheckAsync(set, trouble, next.Configuration.PluginLoading.Probe, cancellationToken);
            if (cause is not (GenerationCause.Rollback or GenerationCause.Errors)) await ApplyAsync(set, next.Configuration);
            return Serve(next, set, cause, start, rollbackReason);
        }
        catch (StartupException e)
        {
            throw Refused(e.Errors);
        }
    }

    private Generation Serve(HostSetup next, ChainSet set, GenerationCause cause, GenerationStart start, string? rollbackReason)
    {
        var before = chains.Current.Tally;
        var changes = SettingChanges.Between(setup.Loaded, Setup.Loaded, next.Loaded);
        var generation = _generations.Serve(next, set, cause, start, rollbackReason);
        generation.Settings = changes;
        engine.Events.Publish(new HostEvent.Reloaded(generation.Number, cause.ToString().ToLowerInvariant(), generation.Agents));
        if (cause is GenerationCause.Rollback or GenerationCause.Errors) caller.Observer.RollBack(byErrors: cause == GenerationCause.Errors);
        else if (ErrorRateRule.Create(next.Configuration!.PluginLoading, generation, before, set.Tally) is { } rule) rule.Watch(reason => GiveUpAsync(generation, reason), logger);
        return generation;
    }

    private async ValueTask ApplyAsync(ChainSet next, HostConfiguration configuration)
    {
        try
        {
            apply(configuration);
        }
        catch
        {
            await next.DiscardAsync(caller);
            throw;
        }
    }

    /// <exception cref="StartupException">The set cannot serve, and is gone.</exception>
    private async ValueTask CheckAsync(ChainSet next, IReadOnlyList<ProblemError> known, ReloadProbe probe, CancellationToken cancellationToken)
    {
        try
        {
            if (next.Store.IsShared != chains.Current.Store.IsShared)
                throw new StartupException([new ConfigurationError("Sessions:Store", "A change between a store of one host and a store that hosts share needs a restart.")]);
            await hosts.JoinAsync(next.Store);
            if (await _check.FindErrorsAsync(next, known, probe, cancellationToken) is { Count: > 0 } errors) throw new StartupException(errors);
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch
        {
            await next.DiscardAsync(caller);
            throw;
        }
    }

    /// <summary>Old copies of plugins cost space only.</summary>
    private void CollectCopies()
    {
        try
        {
            _generations.Setup.Cache?.Collect();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.CopiesKept(logger, e.Message);
        }
    }

    private ProblemException Refused(IReadOnlyList<ConfigurationError> errors)
    {
        Log.ReloadRefused(logger, string.Join(' ', errors));
        engine.Events.Publish(new HostEvent.ReloadRefused(errors.Count));
        return CandidateChains.Invalid("The new configuration is wrong, so the old one continues to serve.", errors);
    }
}
