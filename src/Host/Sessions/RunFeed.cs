using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Sessions;

/// <summary>What happens in a run, in order, for those who watch it.</summary>
public abstract record RunEvent
{
    /// <summary>Rises by one with each event of a run, from 1.</summary>
    public required long Id { get; init; }

    private RunEvent()
    {
    }

    /// <summary>The run has begun: always the first event.</summary>
    public sealed record Started(RunRecord Run) : RunEvent;

    /// <summary>A piece of output, as delivered to the caller.</summary>
    public sealed record Updated(ChatResponseUpdate Update) : RunEvent;

    /// <summary>The run has ended and is stored: always the last event. The status tells how.</summary>
    public sealed record Ended(RunRecord Run) : RunEvent;
}
