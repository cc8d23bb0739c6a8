namespace PluginHost.Sdk;

/// <summary>
/// Names a model for <see cref="PluginContext.GetChatClient"/> and <see cref="PluginContext.GetEmbeddings"/>: the server and key of a
/// configured agent, and which of that server's models. Addresses and keys stay in the host's configuration. Immutable.
/// </summary>
public sealed record ModelReference
{
    /// <summary>The agent whose client is used, by its exact name; null for the agent whose chain holds the plugin.</summary>
    public string? Agent { get; init; }

    /// <summary>The model's name at the server, for example <c>gpt-4.1-mini</c>; null for the agent's own model.</summary>
    public string? Model { get; init; }
}
