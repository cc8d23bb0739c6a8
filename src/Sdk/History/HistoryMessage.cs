using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>The part that a message played in its run.</summary>
public enum MessagePart
{
    /// <summary>Came from the caller.</summary>
    Input,

    /// <summary>Came from the model, from a tool, or from a middleware that answered.</summary>
    Output,

    /// <summary>Was added by a context provider.</summary>
    Context,
}

/// <summary>One message as a history holds it. Immutable; so is <see cref="Message"/> by convention: clone before changing.</summary>
/// <param name="Id">Identifies the message within its session; chosen by the host, stable.</param>
/// <param name="Part">The part it played.</param>
/// <param name="Message">The message. Its <see cref="ChatMessage.MessageId"/> is what the model gave, not <paramref name="Id"/>.</param>
public sealed record HistoryMessage(string Id, MessagePart Part, ChatMessage Message)
{
    /// <summary>The source id of the plugin that gave the message; null when it came from the caller or the model.</summary>
    public string? Source { get; init; }

    /// <summary>The run it belongs to; null when it was added outside a run. On append, the run of <see cref="HistoryAppend"/>.</summary>
    public string? RunId { get; init; }

    /// <summary>The agent of that run. On append, the agent of <see cref="HistoryAppend"/>.</summary>
    public string? Agent { get; init; }

    /// <summary>How that run ended. On append, the outcome of <see cref="HistoryAppend"/>.</summary>
    public RunOutcome Outcome { get; init; }

    /// <summary>The error type of that run when it failed.</summary>
    public string? ErrorType { get; init; }

    /// <summary>When it was stored, in UTC. On append, the time of <see cref="HistoryAppend"/>.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}
