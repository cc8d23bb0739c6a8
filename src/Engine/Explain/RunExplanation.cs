using System.Text.Json;

namespace PluginHost.Engine.Explain;

/// <summary>
/// What the model was given in a run, and by whom. A document: messages are written once, and calls name them by their index. Immutable.
/// </summary>
internal sealed record RunExplanation
{
    public required string RunId { get; init; }

    public required string SessionId { get; init; }

    public required string Agent { get; init; }

    public int Attempt { get; init; } = 1;

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>All messages, each as it was in one place, in the form of Microsoft.Extensions.AI.</summary>
    public required IReadOnlyList<JsonElement> Contents { get; init; }

    /// <summary>Where they come from. What several calls were given is here once.</summary>
    public required IReadOnlyList<ExplainedMessage> Messages { get; init; }

    public required IReadOnlyList<ExplainedStage> Stages { get; init; }

    public required IReadOnlyList<ExplainedCall> Calls { get; init; }

    public required IReadOnlyList<ExplainedToolCall> ToolCalls { get; init; }

    /// <summary>What it was made of; null when it cannot be made again.</summary>
    public ReplayInput? Replay { get; init; }
}

/// <summary>A message that the model was given.</summary>
/// <param name="Content">Its index in <see cref="RunExplanation.Contents"/>.</param>
/// <param name="Source">What gave it: a <see cref="PartSource"/>.</param>
/// <param name="Plugin">The plugin's source id; null when it was none.</param>
/// <param name="State">A <see cref="PartState"/>.</param>
/// <param name="Tokens">About how many tokens it has.</param>
internal sealed record ExplainedMessage(int Content, string Source, string? Plugin, string State, long Tokens)
{
    /// <summary>What changed it, the first one first; null when nothing did.</summary>
    public IReadOnlyList<string>? ChangedBy { get; init; }

    /// <summary>The index of what it was before the first change; null when it was not changed, and when that is not kept.</summary>
    public int? Before { get; init; }

    /// <summary>Whether what it was before is not kept, because no history got it either.</summary>
    public bool BeforeWithheld { get; init; }
}

/// <summary>What gave a part of a request.</summary>
internal static class PartSource
{
    public const string Agent = "agent", Caller = "caller", History = "history", Context = "context", Middleware = "middleware", Model = "model", Tool = "tool", Host = "host";
}

/// <summary>How a part of a request came to be in it.</summary>
internal static class PartState
{
    public const string New = "new", Loaded = "loaded", Added = "added", Changed = "changed";
}

/// <summary>Why something was left out.</summary>
internal static class LeftOutReason
{
    public const string Window = "window", Tokens = "tokens", Fit = "fit", Balance = "balance", Joined = "joined", Removed = "removed", EarlierAttempt = "earlier_attempt", Compacted = "compacted";
}

/// <summary>A part of the instructions.</summary>
internal sealed record ExplainedText(string Text, string Source, string? Plugin, string State, long Tokens)
{
    /// <summary>What a change has replaced; null when nothing was changed, and when that is not kept.</summary>
    public string? Before { get; init; }

    public bool BeforeWithheld { get; init; }
}

/// <summary>What the model was not given.</summary>
/// <param name="Reason">A <see cref="LeftOutReason"/>.</param>
/// <param name="Plugin">The history that had it, or the middleware that removed it; null for the host.</param>
/// <param name="Count">How many messages; 0 when that is not known.</param>
/// <param name="Tokens">About how many tokens they have; 0 when that is not known.</param>
internal sealed record ExplainedLeftOut(string Reason, string? Plugin, int Count, long Tokens)
{
    /// <summary>Whether there are more, which were not loaded.</summary>
    public bool HasMore { get; init; }

    /// <summary>The index of the content; null when it is several, or not kept.</summary>
    public int? Content { get; init; }
}

/// <summary>A tool that the model could call.</summary>
internal sealed record ExplainedTool(string Name, string Source, string? Plugin, string? Description, JsonElement? Parameters, long Tokens);

/// <summary>A place of the chain.</summary>
/// <param name="Plugin">The source id; null for the model's own place.</param>
/// <param name="Kind">history, context, run_middleware or model.</param>
/// <param name="TookMs">How long it took before the next place got the run; null when that did not.</param>
internal sealed record ExplainedStage(string? Plugin, string Kind, double? TookMs)
{
    public int Messages { get; init; }

    public long Tokens { get; init; }

    public int Tools { get; init; }
}

/// <summary>A call of the model.</summary>
internal sealed record ExplainedCall
{
    public required int Number { get; init; }

    public string? Model { get; init; }

    public required JsonElement Settings { get; init; }

    public required IReadOnlyList<ExplainedText> Instructions { get; init; }

    /// <summary>Indexes in <see cref="RunExplanation.Messages"/>, in the order in which the model was given them.</summary>
    public required IReadOnlyList<int> Messages { get; init; }

    public required IReadOnlyList<ExplainedLeftOut> LeftOut { get; init; }

    public required IReadOnlyList<ExplainedTool> Tools { get; init; }

    public long Tokens { get; init; }

    /// <summary>The chat middleware on the way to the model, the outermost first; null in explanations of an older version.</summary>
    public IReadOnlyList<ExplainedStage>? Middleware { get; init; }

    public string? BodySha256 { get; init; }

    public double StartMs { get; init; }

    public double? TookMs { get; init; }

    /// <summary>What came back, as far as it did.</summary>
    public IReadOnlyList<JsonElement> Answer { get; init; } = [];

    public string? FinishReason { get; init; }

    public string? AnsweredBy { get; init; }

    public string? ConversationId { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public ExplainedError? Error { get; init; }
}

/// <summary>A call of a tool of the host.</summary>
internal sealed record ExplainedToolCall(string CallId, string Name, string? Plugin, double StartMs, double TookMs)
{
    /// <summary>What the tool returned, before function middleware saw it, as a content of the type functionResult; null after an error.</summary>
    public JsonElement? Result { get; init; }

    public string? Error { get; init; }
}
