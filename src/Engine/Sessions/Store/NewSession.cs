using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>What to create a session with.</summary>
internal sealed record NewSession(string Tenant)
{
    /// <summary>Null for one of the host's choosing.</summary>
    public string? Id { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    /// <summary>State by scope; each value an object.</summary>
    public JsonObject? State { get; init; }

    public string? ServiceSessionId { get; init; }

    /// <summary>Messages to begin with; they go to the history of the first agent.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; init; } = [];

    /// <summary>The ids of these messages; null for ids of the host's choosing.</summary>
    public Func<ChatMessage, string>? MessageIdOf { get; init; }
}
