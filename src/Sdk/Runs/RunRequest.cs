using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>
/// A run as one stage of the chain receives it. Immutable: change a copy made with <c>with</c>. Context messages, tools and
/// options are shared with other stages and with histories: clone one before changing it.
/// </summary>
public sealed record RunRequest
{
    /// <summary>The session.</summary>
    public required Session Session { get; init; }

    /// <summary>The run's id, unique on the host.</summary>
    public required string RunId { get; init; }

    /// <summary>The agent that runs.</summary>
    public required string Agent { get; init; }

    /// <summary>The attempt, from 1; a retry with the same idempotency key has a higher one.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The caller's messages of this run. Every access returns a new copy, so changing one has no effect.</summary>
    public required IReadOnlyList<ChatMessage> Input { get; init; }

    /// <summary>
    /// The messages that histories and context providers before this stage added, in chain order. The model receives them before
    /// the input.
    /// </summary>
    public IReadOnlyList<ContextMessage> Context { get; init; } = [];

    /// <summary>The agent's instructions and those of context providers before this stage, joined by newlines; null for none.</summary>
    public string? Instructions { get; init; }

    /// <summary>The caller's tools, which the caller runs, and the tools of context providers before this stage.</summary>
    public IReadOnlyList<RunTool> Tools { get; init; } = [];

    /// <summary>
    /// Sampling settings (temperature, output limit, response format …); null for the model's defaults. The host ignores
    /// instructions, tools and the conversation id here, and sets them itself.
    /// </summary>
    public ChatOptions? Options { get; init; }

    /// <summary>
    /// How many tokens a request to the model may have, without its answer; null when it is not known what the model takes. The host leaves out
    /// loaded messages of a request that has more.
    /// </summary>
    public long? MaxInputTokens { get; init; }

    /// <summary>The caller's metadata for the run.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = EmptyMetadata;

    /// <summary>
    /// Who uses the agent, as the caller named it: <c>user</c> of the request, or <c>user_id</c> or <c>user</c> of its metadata. Null for
    /// none. Names of different tenants are unrelated.
    /// </summary>
    public string? User { get; init; }

    /// <summary>
    /// Whether the run only shows what the model would be sent. The model is not called, nothing is stored, and no tool is called. Do not
    /// count or charge such a run, and leave nothing of it behind.
    /// </summary>
    public bool IsDryRun { get; init; }

    /// <summary>The output that stages write to.</summary>
    public required RunOutput Output { get; init; }

    private static readonly IReadOnlyDictionary<string, string> EmptyMetadata =
        System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Names it for a log: ids, never text of messages.</summary>
    public override string ToString() => $"Run {RunId} of agent {Agent} in session {Session.Id}";
}

/// <summary>A message that the model receives before the input. Immutable.</summary>
public readonly record struct ContextMessage
{
    /// <summary>The message.</summary>
    public required ChatMessage Message { get; init; }

    /// <summary>The source id of the history or context provider that added it.</summary>
    public required string Source { get; init; }

    /// <summary><see cref="MessageOrigin.Context"/> when a context provider added it, otherwise its origin in the history.</summary>
    public required MessageOrigin Origin { get; init; }

    /// <summary>The message's id in its history; null for a message that no history loaded.</summary>
    public string? Id { get; init; }

    /// <summary>
    /// Whether it stays when others are left out: it is pinned, it holds what a caller of OpenAI's interface compacted, or it is the first of the
    /// session and the history's entry keeps that.
    /// </summary>
    public bool IsKept { get; init; }

    /// <summary>Names it for a log: ids, never text of messages.</summary>
    public override string ToString() => $"{Origin} message of {Source}";
}

/// <summary>A tool that the model may call in a run. Immutable.</summary>
public readonly record struct RunTool
{
    /// <summary>The tool: an <see cref="AIFunction"/> when the host runs it.</summary>
    public required AITool Tool { get; init; }

    /// <summary>The source id of the plugin that added it; null for a tool of the caller.</summary>
    public string? Source { get; init; }

    /// <summary>Names it for a log: ids, never text of messages.</summary>
    public override string ToString() => $"Tool {Tool.Name} of {Source ?? "the caller"}";
}
