using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>
/// A plugin that brings a way to call models. An agent names it in <c>Model:Client</c>; the other members of its <c>Model</c>
/// section are the plugin's options.
/// </summary>
public interface IChatClientFactory
{
    /// <summary>
    /// Makes the client of one agent. Called once per agent and reload; the host disposes the client. What it throws keeps the
    /// host from starting, or a reload from being applied.
    /// </summary>
    /// <param name="model">The agent's <c>Model:Model</c>, or null when it is not set.</param>
    /// <returns>A client that may be called by many runs at once.</returns>
    IChatClient Create(string? model);
}
