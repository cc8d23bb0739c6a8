using System.Reflection;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;
using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins.Activation;

/// <summary>
/// The plugin instances of one configuration while they are created: continues after a failure, so that all are reported, and
/// disposes everything when there was one. Not thread-safe.
/// </summary>
internal sealed class ActivationScope(
    PluginCatalog catalog,
    PluginServices services,
    LoadedAssemblies assemblies,
    SharedResources resources,
    IPluginModels? models,
    Func<string, HandoverGate> gateOf,
    ILogger logger)
{
    /// <summary>What reading a plugin's files may take at least: a short limit for its calls says nothing about a busy disk.</summary>
    private static readonly TimeSpan LoadLimit = TimeSpan.FromSeconds(10);

    private readonly List<PluginInstance> _instances = [];
    private readonly List<ConfigurationError> _errors = [];
    private readonly Dictionary<string, Task<Assembly?>> _loading = new(StringComparer.Ordinal);
    private readonly Dictionary<PluginEntry, Task<PreparedEntry>> _prepared = new(ReferenceEqualityComparer.Instance);
    private readonly PluginThread _constructing = new();
    private volatile bool _hangs;

    /// <summary>The instances created so far, in order.</summary>
    public IReadOnlyList<PluginInstance> Instances => _instances;

    /// <summary>The errors so far.</summary>
    public IReadOnlyList<ConfigurationError> Errors => _errors;

    /// <summary>
    /// Begins to load the plugins of entries and to check their options, side by side: several that hang take the time of one. The entries
    /// are then activated one after the other.
    /// </summary>
    public void Prepare(IEnumerable<PluginEntry> entries)
    {
        foreach (var entry in entries) _prepared[entry] = PrepareAsync(entry);
    }

    /// <summary>Creates the instance of an entry; null, with an error in <see cref="Errors"/>, when that fails. Does not start it.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="agent">The agent whose chain or model it belongs to; null for the session store.</param>
    public async ValueTask<PluginInstance?> ActivateAsync(PluginEntry entry, string? agent)
    {
        var prepared = await (_prepared.Remove(entry, out var preparing) ? preparing : PrepareAsync(entry));
        _errors.AddRange(prepared.Errors);
        // One call that hangs is enough: each constructor would keep the reload waiting for its whole timeout.
        if (_hangs || prepared is not { Descriptor: { } descriptor, Type: { } type, Options: { } options }) return null;
        var core = new PluginContextCore(entry, agent, type.Assembly, services, resources, models);
        var plugin = await ConstructAsync(type, descriptor, options, core);
        if (plugin is null)
        {
            await ReleaseAsync(core, descriptor, entry);
            return null;
        }

        // Context providers are skipped by default, except those that may not be.
        var effective = descriptor.AllowSkip ? entry : entry with { Host = entry.Host with { OnError = OnError.Fail } };
        var instance = new PluginInstance(
            effective, descriptor.Version, plugin, core.DisposeAsync, core.BeginStop, plugin is IResourceHandover ? gateOf(descriptor.File) : null)
        {
            Agent = agent,
            Descriptor = descriptor,
        };
        _instances.Add(instance);
        return instance;
    }

    /// <summary>Adds a failure after activation, for example of a start.</summary>
    public void Report(PluginInstance instance, string action, Exception exception)
    {
        Log.PluginFailed(logger, instance.SourceId, action, exception);
        var entry = instance.Entry;
        _errors.Add(PluginErrors.Failed(entry.Path, entry.Plugin, catalog.Find(entry.Plugin)?.File, action, exception));
    }

    /// <summary>Adds a failed call.</summary>
    public void Report(PluginInstance instance, string action, PluginException failure) => Report(
        instance,
        action,
        failure.TimedOut ? new TimeoutException($"It took longer than {instance.Entry.Host.Timeout.TotalSeconds:0.###} s (Timeout).") : failure.InnerException ?? failure);

    /// <summary>Adds another error.</summary>
    public void Report(ConfigurationError error) => _errors.Add(error);

    /// <summary>Does nothing without errors; otherwise disposes all instances, and throws.</summary>
    /// <param name="dispose">Disposes instances in reverse order, and reports what they throw.</param>
    /// <exception cref="StartupException">Lists all errors, with those of the clean-up.</exception>
    public async ValueTask ThrowIfFailedAsync(Func<IReadOnlyList<PluginInstance>, Action<PluginInstance, Exception>, Task> dispose)
    {
        if (_errors.Count == 0) return;
        await dispose(_instances, (instance, e) => Report(instance, "clean-up", e));
        _instances.Clear();
        throw new StartupException([.. _errors]);
    }

    private async Task<PreparedEntry> PrepareAsync(PluginEntry entry)
    {
        if (catalog.Find(entry.Plugin) is not { } descriptor) return new([PluginErrors.Unknown(entry.Path, entry.Plugin, catalog)]);
        var errors = new List<ConfigurationError>();
        var values = descriptor.ReadOptions(entry.Options, errors);
        if (values is null || await LoadAsync(descriptor, entry, errors) is not { } main) return new(errors);
        return new(errors)
        {
            Descriptor = descriptor,
            Type = PluginTypes.Find(main, descriptor.Class),
            Options = await new OptionsValidator(services.Caller).CreateAsync(descriptor, entry, PluginTypes.Find(main, descriptor.OptionsClass), values, errors),
        };
    }

    /// <summary>Loads a plugin once for all its entries. What fails is reported with the first of them.</summary>
    private Task<Assembly?> LoadAsync(PluginDescriptor plugin, PluginEntry entry, List<ConfigurationError> errors)
    {
        if (!_loading.TryGetValue(plugin.Name, out var loading)) _loading[plugin.Name] = loading = LoadOnceAsync(plugin, entry, errors).AsTask();
        return loading;
    }

    private ValueTask<Assembly?> LoadOnceAsync(PluginDescriptor plugin, PluginEntry entry, List<ConfigurationError> errors) =>
        TryAsync(new PluginThread(), plugin, entry, "load", entry.Host.Timeout < LoadLimit ? LoadLimit : entry.Host.Timeout, errors, () =>
        {
            var main = assemblies.Load(plugin.Image);
            PluginTypes.Find(main, plugin.Class);
            PluginTypes.Find(main, plugin.OptionsClass);
            return main;
        });

    private ValueTask<object?> ConstructAsync(Type type, PluginDescriptor plugin, object options, PluginContextCore core) =>
        TryAsync(_constructing, plugin, core.Entry, "constructor", core.Entry.Host.Timeout, _errors, () =>
        {
            var constructor = PluginConstructor.Find(type, plugin.OptionsClass.FullName)!;
            var arguments = constructor.GetParameters().Select(p => PluginConstructor.IsContext(p) ? services.CreateContext(core) : options);
            return constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [.. arguments], null);
        });

    /// <summary>Runs a plugin's code that takes no token, on a separate thread within a time limit.</summary>
    private async ValueTask<T?> TryAsync<T>(
        PluginThread thread, PluginDescriptor plugin, PluginEntry entry, string action, TimeSpan timeout, List<ConfigurationError> errors, Func<T> call)
        where T : class
    {
        // A pool thread that blocks for ever would be missing to all others.
        var calling = thread.RunAsync(call);
        try
        {
            return await calling.WaitAsync(timeout, services.TimeProvider);
        }
        catch (Exception e)
        {
            // Also when it has returned since: what it created must be disposed.
            if (!calling.IsFaulted)
            {
                _hangs = true;
                e = new TimeoutException($"It did not return within {timeout.TotalSeconds:0.###} s (Timeout).");
                _ = DisposeLateAsync(calling);
            }

            Log.PluginFailed(logger, plugin.Name, action, e);
            errors.Add(PluginErrors.Failed(entry.Path, plugin.Name, plugin.File, action, e));
            return null;
        }
    }

    /// <summary>Disposes what a call returns that nothing waits for any more.</summary>
    private static async Task DisposeLateAsync<T>(Task<T> calling)
    {
        try
        {
            await AnyDisposal.DisposeAsync(await calling);
        }
        catch (Exception)
        {
            // It has been reported as one that hangs.
        }
    }

    private async ValueTask ReleaseAsync(PluginContextCore core, PluginDescriptor descriptor, PluginEntry entry)
    {
        try
        {
            await core.DisposeAsync();
        }
        catch (Exception e)
        {
            _errors.Add(PluginErrors.Failed(entry.Path, descriptor.Name, descriptor.File, "clean-up", e));
        }
    }

    /// <summary>What is known of an entry before its instance is made; without options when there are errors.</summary>
    private sealed record PreparedEntry(IReadOnlyList<ConfigurationError> Errors)
    {
        public PluginDescriptor? Descriptor { get; init; }

        public Type? Type { get; init; }

        public object? Options { get; init; }
    }
}
