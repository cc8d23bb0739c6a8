using Anthropic;
using Anthropic.Core;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;
using PluginHost.Shared;

namespace PluginHost.AnthropicModels;

/// <summary>Creates clients for models of Anthropic's service. Does not connect.</summary>
public sealed class AnthropicFactory(AnthropicOptions options, PluginContext context) : IChatClientFactory
{
    /// <summary>ServerHandler limits attempts and silence. This limit of the package must not end a call before it.</summary>
    private static readonly TimeSpan WholeCall = TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public ValueTask<IChatClient> CreateAsync(ChatClientRequest request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Model)) throw new ArgumentException("An agent with the client 'anthropic' needs Model:Model, the name of a model such as claude-sonnet-4-5.");
        var failures = new ServerFailures(request.Model, options.Address, options.Limit, [options.ApiKey], context.TimeProvider)
        {
            FindKind = FindKind,
            Cures = new Dictionary<int, string>
            {
                [401] = "Check ApiKey.",
                [403] = "Check the permissions of ApiKey.",
                [404] = "Check Model, and that BaseUrl is the address of Anthropic's interface.",
                [429] = "Wait, or raise the account's limits.",
                [529] = "The service is overloaded.",
            },
        };
        var http = ServerConnections.CreateClient(context, new CallLimits(options.Limit, options.MaxRetries), failures);
        // The package sends the key as a bearer token, which gateways do not accept.
        http.DefaultRequestHeaders.Add("x-api-key", options.ApiKey.Reveal());
        if (options.Betas is { Count: > 0 } betas) http.DefaultRequestHeaders.Add("anthropic-beta", string.Join(',', betas));
        // Set each option that the package would otherwise read from the environment, and keep it from adding a key.
        var client = new AnthropicClient(new ClientOptions
        {
            HttpClient = http,
            Handlers = [new VersionHandler(options.Version)],
            ApiKey = null,
            BaseUrl = options.Address.ToString().TrimEnd('/'),
            MaxRetries = 0,
            Timeout = WholeCall,
            OpenTelemetry = false,
        });
        return new ValueTask<IChatClient>(new AnthropicChatClient(request.Model, options, client, failures));
    }

    /// <summary>An account without credit is refused with status 400, and an error during an answer has no status.</summary>
    private static ModelFailure? FindKind(ServerError error) => error.Type switch
    {
        "rate_limit_error" or "billing_error" => ModelFailure.RateLimited,
        "invalid_request_error" when error.Message?.Contains("credit balance is too low", StringComparison.OrdinalIgnoreCase) == true => ModelFailure.RateLimited,
        "invalid_request_error" or "request_too_large" => ModelFailure.Rejected,
        "authentication_error" or "permission_error" => ModelFailure.Unauthorized,
        "timeout_error" => ModelFailure.Timeout,
        _ => null,
    };
}
