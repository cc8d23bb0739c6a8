using PluginHost.Sdk;

namespace PluginHost.Pipeline.Stages;

/// <summary>
/// One place in a chain. Does its before-work, runs what follows, and captures what came back; the output travels through
/// <see cref="RunRequest.Output"/>. Immutable: one instance serves all runs of an agent.
/// </summary>
internal abstract class Stage
{
    public abstract ValueTask InvokeAsync(RunRequest request, RunScope scope, CancellationToken cancellationToken);
}
