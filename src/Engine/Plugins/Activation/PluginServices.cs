using PluginHost.Engine.Calls;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;

namespace PluginHost.Engine.Plugins.Activation;

/// <summary>What the host gives to plugins through their contexts.</summary>
/// <param name="CreateContext">
/// Creates a plugin's context from its core. A delegate, because the host's telemetry adds meters and activity sources.
/// </param>
/// <param name="Caller">Calls the checks of options.</param>
internal sealed record PluginServices(Func<PluginContextCore, PluginContext> CreateContext, PluginCaller Caller)
{
    public HostPaths Paths { get; init; } = HostPaths.Current;

    public ILoggerFactory LoggerFactory { get; init; } = Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance;

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Called with a plugin's name around the load of its assembly; must call its argument once, and let it throw.</summary>
    public Action<string, Action> ObserveLoad { get; init; } = static (_, load) => load();
}
