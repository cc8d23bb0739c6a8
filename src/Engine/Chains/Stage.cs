using PluginHost.Sdk;

namespace PluginHost.Engine.Chains;

/// <summary>
/// One place in a chain. Does its before-work, runs what follows, and captures what came back; the output travels through
/// <see cref="RunRequest.Output"/>. Immutable: one instance serves all runs of an agent.
/// </summary>
internal abstract class Stage
{
    public abstract ValueTask InvokeAsync(RunRequest request, RunContext run, CancellationToken cancellationToken);

    /// <summary>
    /// The run ended before it got here, and nothing on the way could have changed its input: who stores input, stores it all the
    /// same. A middleware and what is behind it are left out, for what it would have passed on is not known.
    /// </summary>
    public virtual void OnNotReached(RunRequest request, RunContext run)
    {
    }
}
