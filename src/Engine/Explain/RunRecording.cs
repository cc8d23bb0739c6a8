using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Explain;

/// <summary>What a stage of the chain is.</summary>
internal enum StageKind
{
    History,
    Context,
    RunMiddleware,
    Model,
}

/// <summary>A stage that the run has entered.</summary>
/// <param name="Plugin">The source id; null for the model's own stage.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Request">What it got.</param>
/// <param name="Input">The input of that, without copies.</param>
/// <param name="At">The timestamp.</param>
/// <param name="Fingerprint">The build and options of a run middleware; null for others.</param>
internal readonly record struct PassedStage(string? Plugin, StageKind Kind, RunRequest Request, IReadOnlyList<ChatMessage> Input, long At, string? Fingerprint);

/// <summary>What a history returned, and what of it was kept.</summary>
internal readonly record struct LoadedPage(string Plugin, HistoryQuery Query, Page<HistoryMessage> Page, IReadOnlyList<HistoryMessage> Kept);

/// <summary>What a context provider gave.</summary>
/// <param name="Stage">How many stages were entered before.</param>
/// <param name="Plugin">Its source id.</param>
/// <param name="Fingerprint">Its build and options.</param>
/// <param name="Contribution">What it gave.</param>
internal readonly record struct GivenContext(int Stage, string Plugin, string Fingerprint, ContextContribution Contribution);

/// <summary>What a chat middleware got, or the tool loop gave to the first one.</summary>
/// <param name="Plugin">The source id of the middleware; null for the tool loop.</param>
/// <param name="Messages">The messages.</param>
/// <param name="Instructions">The instructions.</param>
/// <param name="At">The timestamp.</param>
internal readonly record struct PassedClient(string? Plugin, ChatMessage[] Messages, string? Instructions, long At);

/// <summary>A call of a tool of the host.</summary>
internal readonly record struct PassedTool(string CallId, string Name, string? Plugin, long Start, long End, object? Result, Exception? Error);

/// <summary>All that was recorded of a run until now.</summary>
internal sealed record RunRecording(RunRecord Run, string? AgentInstructions, DateTimeOffset StartedAt, long Start)
{
    public required IReadOnlyList<PassedStage> Stages { get; init; }

    public required IReadOnlyList<LoadedPage> Pages { get; init; }

    public required IReadOnlyList<GivenContext> Contributions { get; init; }

    /// <summary>Calls of the caller's tools that the service waits for.</summary>
    public required IReadOnlyList<string> OpenServiceCalls { get; init; }

    /// <summary>Writes the command without its input; null when nothing can be made again from the recording.</summary>
    public Func<JsonElement>? WriteCommand { get; init; }

    /// <summary>What was known of what the model takes when the run entered its chain.</summary>
    public KnownWindow? Window { get; init; }

    /// <summary>The messages as the chain gave them, before they were joined and balanced.</summary>
    public required IReadOnlyList<ChatMessage> Composed { get; init; }

    /// <summary>Messages that callers gave to the run while it was in progress.</summary>
    public required IReadOnlyList<ChatMessage> Given { get; init; }

    public required IReadOnlyList<RecordedCall> Calls { get; init; }

    public required IReadOnlyList<PassedTool> Tools { get; init; }
}

/// <summary>One call of the model.</summary>
/// <param name="Path">What each place on the way to the model got, the outermost first.</param>
/// <param name="Messages">What the client got.</param>
/// <param name="Options">The same, with tools and settings.</param>
/// <param name="Start">The timestamp.</param>
internal sealed record RecordedCall(IReadOnlyList<PassedClient> Path, ChatMessage[] Messages, ChatOptions Options, long Start)
{
    /// <summary>The timestamp; null while it is in progress.</summary>
    public long? End { get; init; }

    public required IReadOnlyList<ChatResponseUpdate> Updates { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public Exception? Error { get; init; }

    public string? BodySha256 { get; init; }

    /// <summary>The ids of calls that the model's service answered itself.</summary>
    public required IReadOnlyCollection<string> AnsweredCalls { get; init; }
}
