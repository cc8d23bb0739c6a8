using Microsoft.Extensions.AI;

namespace PluginHost.OpenAI.Chat;

/// <summary>The body of <c>POST /v1/chat/completions</c>, read and checked.</summary>
internal sealed record ChatRequest
{
    /// <summary>The agent; null for the only one.</summary>
    public string? Model { get; init; }

    public required ChatInput Input { get; init; }

    public required ChatOptions Options { get; init; }

    public IReadOnlyList<AITool> Tools { get; init; } = [];

    public bool Stream { get; init; }

    /// <summary>Whether a stream ends with a chunk for the tokens used.</summary>
    public bool IncludeUsage { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}

/// <summary>The messages of a request.</summary>
/// <param name="Instructions">The text of the system or developer messages at the beginning; null when there are none.</param>
/// <param name="Messages">The others.</param>
/// <param name="Positions">The index of each of those in the request, for errors.</param>
internal sealed record ChatInput(string? Instructions, IReadOnlyList<ChatMessage> Messages, IReadOnlyList<int> Positions);
