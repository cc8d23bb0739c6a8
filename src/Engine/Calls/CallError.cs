using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Calls;

/// <summary>Names what a plugin threw after the plugin.</summary>
internal static class CallError
{
    /// <summary>While the outcome of a run is open. Later a refusal is an error like others.</summary>
    private static readonly HashSet<HostOperation> Refusing =
    [
        HostOperation.HistoryLoad, HostOperation.ContextProvide, HostOperation.RunMiddleware, HostOperation.ChatMiddleware,
        HostOperation.ChatMiddlewareWrap, HostOperation.FunctionMiddleware, HostOperation.ToolCall,
    ];

    /// <returns>A <see cref="PluginException"/>, or a <see cref="PluginRefusalException"/>.</returns>
    public static Exception From(PluginInstance plugin, HostOperation operation, Exception e, bool timedOut = false) =>
        e is RunRefusedException refusal && !timedOut && Refusing.Contains(operation)
            ? new PluginRefusalException(plugin.SourceId, refusal)
            : new PluginException(plugin.SourceId, operation.ToString(), e, timedOut);
}
