using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Calls;

/// <summary>Which plugin is called for what.</summary>
/// <param name="Plugin">The instance.</param>
/// <param name="Kind">The operation.</param>
internal readonly record struct PluginCall(PluginInstance Plugin, HostOperation Kind)
{
    /// <summary>The run it belongs to, for the observer; null outside runs.</summary>
    public ObservedRun? Run { get; init; }

    /// <summary>The session when there is no run.</summary>
    public SessionKey? Session { get; init; }

    /// <summary>How long the call may take, when it is not the entry's timeout.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether an error of this call is skipped.</summary>
    public bool Skips => Plugin.Entry.Skips(Kind);

    public ObservedOperation Observed => new(Kind) { Run = Run, Session = Session, Plugin = Plugin.Observed };
}
