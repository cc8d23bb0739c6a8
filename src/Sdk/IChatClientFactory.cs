using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>
/// A plugin that creates chat clients. An agent names it in <c>Model:Client</c>; its options are in
/// <c>Model:Options</c>.
/// </summary>
public interface IChatClientFactory
{
    /// <summary>
    /// Creates the client of one agent. Called once per agent at start and at each reload, within the entry's timeout; the host
    /// disposes the client. An exception prevents the start of the host, or the reload.
    /// </summary>
    /// <param name="request">Which client to create.</param>
    /// <param name="cancellationToken">Cancelled with the start or reload, or at the entry's timeout.</param>
    /// <returns>A thread-safe client: many runs call it concurrently.</returns>
    ValueTask<IChatClient> CreateAsync(ChatClientRequest request, CancellationToken cancellationToken);
}

/// <summary>Which chat client a factory creates. Immutable.</summary>
public sealed record ChatClientRequest
{
    /// <summary>The agent whose runs call the client.</summary>
    public required string Agent { get; init; }

    /// <summary>The agent's <c>Model:Model</c>; null when it is not set.</summary>
    public string? Model { get; init; }
}
