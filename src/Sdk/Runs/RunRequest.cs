using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>
/// A run as one stage of the chain sees it. Immutable: enrich it with <c>with</c>. Context messages, tools and options in it are
/// shared with other stages and with histories, so clone one before changing it.
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

    /// <summary>The caller's messages of this run: copies, each time anew, so that changing one changes nothing.</summary>
    public required IReadOnlyList<ChatMessage> Input { get; init; }

    /// <summary>What histories and context providers before this stage added, in chain order. The model gets it before the input.</summary>
    public IReadOnlyList<ContextMessage> Context { get; init; } = [];

    /// <summary>The agent's instructions and what context providers added, joined by newlines; null for none.</summary>
    public string? Instructions { get; init; }

    /// <summary>The tools so far: those of the caller, which the caller answers, and those of context providers.</summary>
    public IReadOnlyList<RunTool> Tools { get; init; } = [];

    /// <summary>
    /// Sampling settings (temperature, output limit, response format …); null for the model's defaults. The host sets
    /// instructions, tools and the conversation id itself and ignores them here.
    /// </summary>
    public ChatOptions? Options { get; init; }

    /// <summary>The caller's metadata for the run.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = EmptyMetadata;

    /// <summary>Where the output goes.</summary>
    public required RunOutput Output { get; init; }

    private static readonly IReadOnlyDictionary<string, string> EmptyMetadata =
        System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;
}

/// <summary>A message that goes to the model before the input.</summary>
/// <param name="Message">The message.</param>
/// <param name="Source">The source id of the history or context provider that gave it.</param>
/// <param name="Part"><see cref="MessagePart.Context"/> when a context provider gave it, else the part it has in the history.</param>
public readonly record struct ContextMessage(ChatMessage Message, string Source, MessagePart Part);

/// <summary>A tool that the model may call in a run.</summary>
/// <param name="Tool">The tool: an <see cref="AIFunction"/> when the host runs it.</param>
/// <param name="Source">The source id of the plugin that gave it; null for a tool of the caller.</param>
public readonly record struct RunTool(AITool Tool, string? Source);
