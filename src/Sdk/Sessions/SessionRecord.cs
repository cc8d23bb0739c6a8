using System.Collections.ObjectModel;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>What a session store keeps of a session. Immutable. Stores keep every member and interpret only the first four.</summary>
/// <param name="Key">Tenant and id.</param>
/// <param name="Version">Rises by one with every save, from 1.</param>
/// <param name="CreatedAt">When the session was created, in UTC.</param>
/// <param name="UpdatedAt">When it was last saved, in UTC. Lists of sessions are ordered by creation, then id.</param>
public sealed record SessionRecord(SessionKey Key, long Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>The caller's metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The plugins' state by scope; each value is a JSON object.</summary>
    public IReadOnlyDictionary<string, JsonElement> State { get; init; } = ReadOnlyDictionary<string, JsonElement>.Empty;

    /// <summary>The session's id at the service that keeps the history itself; null when there is none.</summary>
    public string? ServiceSessionId { get; init; }

    /// <summary>The chat client that <see cref="ServiceSessionId"/> belongs to.</summary>
    public string? ServiceClient { get; init; }

    /// <summary>The source id of the history provider that holds the messages; null before the first run.</summary>
    public string? History { get; init; }

    /// <summary>What the caller has seen so far; null before the first run.</summary>
    public TranscriptMark? Transcript { get; init; }

    /// <summary>The last run; null before the first.</summary>
    public string? LastRunId { get; init; }

    /// <summary>The W3C traceparent of the last run; null when it was not traced.</summary>
    public string? LastTraceParent { get; init; }

    /// <summary>Members of an imported snapshot that this version does not know, kept for the next export.</summary>
    public IReadOnlyDictionary<string, JsonElement> Extensions { get; init; } = ReadOnlyDictionary<string, JsonElement>.Empty;
}

/// <summary>
/// What the caller has seen of a session, as a rolling hash, so that a transcript that is sent again can be recognised without
/// reading the history.
/// </summary>
/// <param name="Count">How many characters (UTF-16) of text from user and assistant were hashed.</param>
/// <param name="First">The hash of the first user message's text.</param>
/// <param name="Hash">The hash of all of it, in a form that the host can continue; opaque to stores.</param>
public sealed record TranscriptMark(int Count, string First, string Hash);

/// <summary>The state of a run.</summary>
public enum RunStatus
{
    /// <summary>Waits for an earlier run of the session.</summary>
    Queued,

    /// <summary>Is being worked on.</summary>
    Running,

    /// <summary>Ended with a complete answer that is stored.</summary>
    Completed,

    /// <summary>Ended with an error.</summary>
    Failed,

    /// <summary>Was cancelled.</summary>
    Cancelled,

    /// <summary>Ended with open calls of the caller's tools; their results are the next run's input.</summary>
    RequiresAction,
}

/// <summary>What a session store keeps of a run. Immutable. Stores keep every member.</summary>
/// <param name="Id">The run's id.</param>
/// <param name="Session">The session.</param>
/// <param name="Agent">The agent.</param>
/// <param name="Status">The status; a stored run has ended.</param>
/// <param name="CreatedAt">When the run was accepted, in UTC. Lists of runs are in the order of their first save.</param>
public sealed record RunRecord(string Id, SessionKey Session, string Agent, RunStatus Status, DateTimeOffset CreatedAt)
{
    /// <summary>When it ended, in UTC.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>The attempt, from 1. A later attempt replaces the record of an earlier one.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The output as it was delivered to the caller.</summary>
    public IReadOnlyList<ChatMessage> Output { get; init; } = [];

    /// <summary>Tokens used; null when the model reported none.</summary>
    public UsageDetails? Usage { get; init; }

    /// <summary>Why the model stopped, for example <c>stop</c> or <c>length</c>; null when it did not say.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The error; null unless failed.</summary>
    public RunError? Error { get; init; }

    /// <summary>Source ids of plugins that failed and were skipped.</summary>
    public IReadOnlyList<string> Skipped { get; init; } = [];

    /// <summary>The trace id; null when it was not traced.</summary>
    public string? TraceId { get; init; }

    /// <summary>
    /// The caller's idempotency key; null when there was none. Unique per tenant: a run that is saved with a key takes it from the
    /// run that had it, if any, and is the one that is found by it from then on.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The hash of the request's body, to tell a retry from another request with the same key.</summary>
    public string? RequestHash { get; init; }

    /// <summary>The caller's metadata of the run.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>What the interface that took the request gives back of it, in a form of its own; opaque to stores. Null for none.</summary>
    public JsonElement? Details { get; init; }
}

/// <summary>Why a run failed.</summary>
/// <param name="Type">A stable, low-cardinality type, for example <c>model_error</c>.</param>
/// <param name="Message">For a person; never a stack trace, never a secret.</param>
public sealed record RunError(string Type, string Message);
