using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>
/// A plugin that creates chat clients. An agent names it in <c>Model:Client</c>; the other members of the <c>Model</c> section
/// are the plugin's options.
/// </summary>
public interface IChatClientFactory
{
    /// <summary>
    /// Creates the client of one agent. Called once per agent at start and at each reload; the host disposes the client. An
    /// exception prevents the start of the host, or the reload.
    /// </summary>
    /// <param name="model">The agent's <c>Model:Model</c>; null when it is not set.</param>
    /// <returns>A thread-safe client: many runs call it concurrently.</returns>
    IChatClient Create(string? model);
}
