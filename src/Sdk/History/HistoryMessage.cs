using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>Where a message of a run came from.</summary>
public enum MessageOrigin
{
    /// <summary>The caller sent it.</summary>
    Input,

    /// <summary>The model, a tool or a middleware produced it.</summary>
    Output,

    /// <summary>A context provider added it.</summary>
    Context,
}

/// <summary>One message of a history. Immutable. <see cref="Message"/> is immutable by convention: clone it before changing it.</summary>
/// <param name="Id">Identifies the message within its session. The host chooses it; it never changes.</param>
/// <param name="Origin">Where the message came from.</param>
/// <param name="Message">The message. Its <see cref="ChatMessage.MessageId"/> comes from the model and differs from <paramref name="Id"/>.</param>
public sealed record HistoryMessage(string Id, MessageOrigin Origin, ChatMessage Message)
{
    /// <summary>The source id of the plugin that added the message; null when it came from the caller or the model.</summary>
    public string? Source { get; init; }

    /// <summary>The run of the message; null when it was added outside a run. On append, the run of <see cref="HistoryAppend"/>.</summary>
    public string? RunId { get; init; }

    /// <summary>The agent of the run. On append, the agent of <see cref="HistoryAppend"/>.</summary>
    public string? Agent { get; init; }

    /// <summary>How the run ended. On append, the outcome of <see cref="HistoryAppend"/>.</summary>
    public RunOutcome Outcome { get; init; }

    /// <summary>The error type of the run; null unless it failed.</summary>
    public string? ErrorType { get; init; }

    /// <summary>When the message was stored, in UTC. On append, the time of <see cref="HistoryAppend"/>.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}
