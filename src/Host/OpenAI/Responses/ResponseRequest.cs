using Microsoft.Extensions.AI;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Responses;

/// <summary>A request to create a response, read and checked in form.</summary>
internal sealed record ResponseRequest
{
    public string? Model { get; init; }

    /// <summary>The input: messages, and references to items.</summary>
    public required IReadOnlyList<InputItem> Input { get; init; }

    public required ResponseDetails Details { get; init; }

    public required ChatOptions Options { get; init; }

    public required IReadOnlyList<AITool> Tools { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public bool Stream { get; init; }
}

/// <summary>An item of an input: a message, or the id of an earlier item.</summary>
internal sealed record InputItem(string Path)
{
    public ChatMessage? Message { get; init; }

    public string? Reference { get; init; }
}
