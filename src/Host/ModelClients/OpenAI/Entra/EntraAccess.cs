using PluginHost.Sdk;

namespace PluginHost.ModelClients.OpenAI.Entra;

/// <summary>Proves the host's identity to a model's server by a token of Entra ID. Sends no key. Thread-safe.</summary>
internal sealed class EntraAccess(OpenAIOptions options, EntraOptions entra, Func<string, string?> environment, TokenCache tokens) : IModelAccess
{
    /// <summary>A part of an attempt's time, so that a missing token does not look like a silent model.</summary>
    private readonly TimeSpan _patience = TimeSpan.FromSeconds(Math.Min(TokenCache.Limit.TotalSeconds, options.TimeoutSeconds / 2d));

    public string? Secret => tokens.Last;

    public string Cure =>
        $"The server got a token of Entra ID for {entra.Scope} ({entra.Identity}). Give this identity the role 'Cognitive Services OpenAI User' on the Azure OpenAI resource"
        + " (a new role takes some minutes), and check Entra:Scope, and that Endpoint is https://NAME.openai.azure.com/openai/v1.";

    public IEnumerable<ModelOptionsError> Validate() => new EntraOptionsValidator(options, entra, environment).Validate();

    public async ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            request.Headers.Authorization = new("Bearer", await tokens.GetAsync(_patience, cancellationToken));
        }
        catch (TokenException e)
        {
            throw new ModelException(e.IsPassing ? ModelFailure.Unreachable : ModelFailure.Unauthorized, "The host has no token for the model.", e)
            {
                Details = $"There is no token of Entra ID for the model at {options.Endpoint}. {e.Message}",
            };
        }
    }

    public void OnRefused(HttpRequestMessage request) => tokens.Discard(request.Headers.Authorization?.Parameter);
}
