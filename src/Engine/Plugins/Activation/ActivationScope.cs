using System.Reflection;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Engine.Plugins.Activation;

/// <summary>
/// The plugin instances of one configuration while they are created: continues after a failure, so that all are reported, and
/// disposes everything when there was one. Not thread-safe.
/// </summary>
internal sealed class ActivationScope(
    PluginCatalog catalog, PluginServices services, LoadedAssemblies assemblies, SharedResources resources, IPluginModels? models, ILogger logger)
{
    private readonly List<PluginInstance> _instances = [];
    private readonly List<ConfigurationError> _errors = [];

    /// <summary>The instances created so far, in order.</summary>
    public IReadOnlyList<PluginInstance> Instances => _instances;

    /// <summary>The errors so far.</summary>
    public IReadOnlyList<ConfigurationError> Errors => _errors;

    /// <summary>Creates the instance of an entry; null, with an error in <see cref="Errors"/>, when that fails. Does not start it.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="agent">The agent whose chain or model it belongs to; null for the session store.</param>
    public async ValueTask<PluginInstance?> ActivateAsync(PluginEntry entry, string? agent)
    {
        if (catalog.Find(entry.Plugin) is not { } descriptor)
        {
            _errors.Add(PluginErrors.Unknown(entry.Path, entry.Plugin, catalog));
            return null;
        }

        var options = descriptor.ReadOptions(entry.Options, _errors);
        if (options is null || Load(descriptor, entry) is not { } type) return null;
        var core = new PluginContextCore(entry, agent, type.Assembly, services, resources, models);
        var plugin = Construct(type, descriptor, options, core);
        if (plugin is null)
        {
            await ReleaseAsync(core, descriptor, entry);
            return null;
        }

        // Context providers are skipped by default, except those that may not be.
        var effective = descriptor.AllowSkip ? entry : entry with { Host = entry.Host with { OnError = OnError.Fail } };
        var instance = new PluginInstance(effective, descriptor.Version, plugin, core.DisposeAsync, core.BeginStop);
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

    private Type? Load(PluginDescriptor plugin, PluginEntry entry) => Try(plugin, entry, "load", () =>
        PluginTypes.Find(assemblies.Load(plugin.Name, plugin.Image), plugin.Class));

    private object? Construct(Type type, PluginDescriptor plugin, OptionValues options, PluginContextCore core) => Try(plugin, core.Entry, "constructor", () =>
    {
        var constructor = PluginConstructor.Find(type, plugin.OptionsClass.FullName)!;
        var arguments = constructor.GetParameters()
            .Select(p => PluginConstructor.IsContext(p) ? services.CreateContext(core) : OptionsFactory.Create(p.ParameterType, options));
        return constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [.. arguments], null);
    });

    private T? Try<T>(PluginDescriptor plugin, PluginEntry entry, string action, Func<T?> call)
        where T : class
    {
        try
        {
            return call();
        }
        catch (Exception e)
        {
            Log.PluginFailed(logger, plugin.Name, action, e);
            _errors.Add(PluginErrors.Failed(entry.Path, plugin.Name, plugin.File, action, e));
            return null;
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
}
