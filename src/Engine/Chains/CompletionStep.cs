using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains;

/// <summary>
/// A history or context provider that was entered, with what passed its place: captured while the chain unwinds, used when the
/// outcome is final.
/// </summary>
internal sealed class CompletionStep(PluginInstance plugin, HostOperation kind, RunRequest received)
{
    private readonly int _start = received.Output.Written.Count;
    private int? _end;

    public PluginInstance Plugin { get; } = plugin;

    /// <summary><see cref="HostOperation.HistoryAppend"/> or <see cref="HostOperation.ContextObserve"/>.</summary>
    public HostOperation Kind { get; } = kind;

    /// <summary>The request as the plugin received it.</summary>
    public RunRequest Received { get; } = received;

    private int End => _end ?? Received.Output.Written.Count;

    /// <summary>What came back to the plugin's place, for the host. What outer stages write later is not part of it.</summary>
    public RunResponse ResponseIn(RunContext run) =>
        run.ResponseAt(Received.Output, _start, End);

    /// <summary>The same for the plugin: a copy, which it may change.</summary>
    public RunResponse ResponseForPlugin() => new(Received.Output.Updates, _start, End);

    /// <summary>The chain has returned to this place.</summary>
    public void Leave() => _end = Received.Output.Written.Count;
}
