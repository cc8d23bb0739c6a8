namespace PluginHost.Sdk;

/// <summary>Messages to add to a session's history, all or none. Immutable.</summary>
public sealed record HistoryAppend
{
    /// <summary>The session.</summary>
    public required SessionKey Session { get; init; }

    /// <summary>
    /// The messages in order: input, context, output. Never empty. Run, agent, outcome, error type and time of each are those of the append.
    /// </summary>
    public required IReadOnlyList<HistoryMessage> Messages { get; init; }

    /// <summary>
    /// The run; null for messages that are added outside a run. Outside a run the message ids make the append idempotent: skip
    /// a message whose id the session already has.
    /// </summary>
    public string? RunId { get; init; }

    /// <summary>The attempt of the run, 1 or more; every retry of a failed run raises it. Default 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The step within the attempt, 0 or more, for histories that are written in several steps. Default 0.</summary>
    public int Step { get; init; }

    /// <summary>The agent of the run; null outside a run.</summary>
    public string? Agent { get; init; }

    /// <summary>How the run ended.</summary>
    public RunOutcome Outcome { get; init; }

    /// <summary>The low-cardinality type of the error, for example <c>model_error</c>; null unless the run failed.</summary>
    public string? ErrorType { get; init; }

    /// <summary>When the run ended, in UTC.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Session, run and number of messages: content does not belong into logs.</summary>
    public override string ToString() => $"HistoryAppend {Session.Id} run {RunId}, {Messages.Count} messages";
}
