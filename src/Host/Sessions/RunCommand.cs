using System.Collections.ObjectModel;
using Microsoft.Extensions.AI;

namespace PluginHost.Sessions;

/// <summary>A request to run an agent, checked in form by the HTTP layer and in substance by <see cref="RunEngine"/>. Immutable.</summary>
public sealed record RunCommand
{
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

    /// <summary>Whether an unknown session is created; otherwise it is a 404.</summary>
    public bool CreateSession { get; init; } = true;

    /// <summary>Whether the caller does not wait: the run is accepted before its turn has come, and goes on without a connection.</summary>
    public bool Background { get; init; }

    public string? IdempotencyKey { get; init; }

    public string? RequestHash { get; init; }
}
