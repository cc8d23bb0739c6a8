using PluginHost.Sdk;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Proves to a model's server that the host may call it: with a key, or with a token. Thread-safe.</summary>
internal interface IModelAccess
{
    /// <summary>The current secret, which no text may quote; null when there is none.</summary>
    string? Secret { get; }

    /// <summary>What the operator does when the server answers 401 or 403.</summary>
    string Cure { get; }

    /// <summary>Validates it at start, without the network.</summary>
    IEnumerable<ModelOptionsError> Validate();

    /// <summary>Adds the current secret to an attempt, instead of that of an earlier attempt.</summary>
    /// <exception cref="ModelException">There is none.</exception>
    ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken);

    /// <summary>The server answered 401 to an attempt.</summary>
    void OnRefused(HttpRequestMessage request);
}
