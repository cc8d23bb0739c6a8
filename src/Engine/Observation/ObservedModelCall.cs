using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Observation;

/// <summary>What a model is asked for, other than a chat.</summary>
internal enum ModelOperation
{
    Embeddings,

    Moderation,

    /// <summary>The continuation of a text: the older interface.</summary>
    TextCompletion,
}

/// <summary>A call of a model that is not a chat.</summary>
/// <param name="Operation">What it is asked for.</param>
/// <param name="Agent">The agent whose model it is.</param>
/// <param name="Model">The model's provider, address and name; null when they are not known.</param>
internal readonly record struct ObservedModelCall(ModelOperation Operation, string Agent, ChatClientMetadata? Model)
{
    /// <summary>The source id of the plugin that asks; null for a caller.</summary>
    public string? Plugin { get; init; }

    /// <summary>Whether the answer is streamed.</summary>
    public bool IsStreamed { get; init; }
}

/// <summary>What an answer says of itself. Each part is null when the server does not say it.</summary>
internal readonly record struct ObservedModelAnswer(string? Id, string? Model, UsageDetails? Usage);
