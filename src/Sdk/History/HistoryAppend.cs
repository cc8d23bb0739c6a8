namespace PluginHost.Sdk;

/// <summary>Messages to add to a session's history, all or none.</summary>
/// <param name="Session">The session.</param>
/// <param name="Messages">The messages in order: input first, then context, then output. Not empty; never changes.</param>
public sealed record HistoryAppend(SessionKey Session, IReadOnlyList<HistoryMessage> Messages)
{
    /// <summary>
    /// The run; null for messages that are added outside a run. Then the messages' ids make the append idempotent: a message
    /// whose id the session has already is passed over.
    /// </summary>
    public string? RunId { get; init; }

    /// <summary>The attempt of the run, from 1; a retry of a failed run has a higher one.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The step within the attempt, from 0, for histories that are written in several steps.</summary>
    public int Step { get; init; }

    /// <summary>The agent that ran; null outside a run.</summary>
    public string? Agent { get; init; }

    /// <summary>How the run ended.</summary>
    public RunOutcome Outcome { get; init; }

    /// <summary>The low-cardinality type of the error when the run failed, for example <c>model_error</c>.</summary>
    public string? ErrorType { get; init; }

    /// <summary>When the run ended, in UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}
