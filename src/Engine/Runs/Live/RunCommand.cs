using System.Collections.ObjectModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Messages;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Live;

/// <summary>A request to run an agent, checked in form by the HTTP layer and in substance by the engine. Immutable.</summary>
internal sealed record RunCommand
{
    /// <summary>Identifies the command and its variants. A run keeps it instead of the command, which holds the whole input.</summary>
    public object Identity { get; } = new();

    public required string Tenant { get; init; }

    /// <summary>The session; null for a new one with an id of the host's choosing.</summary>
    public string? SessionId { get; init; }

    /// <summary>Null when only one agent is configured.</summary>
    public string? Agent { get; init; }

    public required IReadOnlyList<ChatMessage> Input { get; init; }

    /// <summary>Sampling settings; instructions, tools and conversation id in it are ignored.</summary>
    public ChatOptions? Options { get; init; }

    /// <summary>Tools that the caller answers itself: declarations, never invoked by the host.</summary>
    public IReadOnlyList<AITool> CallerTools { get; init; } = [];

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The user that the caller named for abuse checks or analysis; null for none.</summary>
    public string? User { get; init; }

    /// <summary>The same, or what the metadata say of it. Null for none: an empty name names no user.</summary>
    public string? NamedUser => (User ?? Metadata.GetValueOrDefault("user_id") ?? Metadata.GetValueOrDefault("user")) is { Length: > 0 } name ? name : null;

    /// <summary>Whether an unknown session is created; otherwise it is a 404.</summary>
    public bool CreateSession { get; init; } = true;

    /// <summary>Whether the caller does not wait: the run is accepted before its turn has come, and continues without a connection.</summary>
    public bool Background { get; init; }

    /// <summary>Whether the caller reads the events of the run, and so knows its id before the end.</summary>
    public bool Streamed { get; init; }

    /// <summary>Whether the caller waits for the end and gets no events, so that it cannot know how the output was cut.</summary>
    public bool GetsEndAlone { get; init; }

    /// <summary>What happens when the session is busy; null for what is configured.</summary>
    public BusyPolicy? Busy { get; init; }

    /// <summary>Whether the input is the whole conversation, so that it cannot be given to a run in progress.</summary>
    public bool IsTranscript { get; init; }

    /// <summary>Instructions of this run alone, after the agent's own; never stored. Null for none.</summary>
    public string? Instructions { get; init; }

    /// <summary>The same as messages, when the caller sent messages.</summary>
    public SentInstructions? SentInstructions { get; init; }

    /// <summary>
    /// Whether the run loads nothing and leaves nothing behind: no session, no messages, no record, no state; it cannot be found
    /// when it has ended, and a service behind the agent is asked to keep nothing. Such a run has no <see cref="SessionId"/>.
    /// </summary>
    public bool Stateless { get; init; }

    /// <summary>What was said before, for a stateless run: stands where the history would have loaded it.</summary>
    public IReadOnlyList<HistoryMessage> Earlier { get; init; } = [];

    /// <summary>
    /// The run that this one continues. Unless it is the session's last one, and no other run is on the session, the run is
    /// refused with 409 <c>run-not-last</c>: then fork it. Null to continue from the session's end.
    /// </summary>
    public string? AfterRun { get; init; }

    /// <summary>
    /// Whether the run may wait for approvals, because its caller can find it again. Otherwise a call that needs one is refused. Default: true.
    /// </summary>
    public bool CanPark { get; init; } = true;

    /// <summary>Whether calls of the caller's tools that are open, in the session or the input, must have their results in the input.</summary>
    public bool RequireToolResults { get; init; }

    /// <summary>Whether an input that begins like the session and then differs is taken as new; refused otherwise.</summary>
    public bool AcceptDiverged { get; init; }

    /// <summary>What the id of a new run begins with.</summary>
    public string RunIdPrefix { get; init; } = "run_";

    /// <summary>What the id of a new session begins with when the host chooses it.</summary>
    public string SessionIdPrefix { get; init; } = "ses_";

    /// <summary>Kept in <see cref="RunRecord.Details"/>.</summary>
    public JsonElement? Details { get; init; }

    public string? IdempotencyKey { get; init; }

    public string? RequestHash { get; init; }
}
