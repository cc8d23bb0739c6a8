namespace PluginHost.ModelClients.OpenAI;

/// <summary>What attributes cannot say about <see cref="OpenAIOptions"/>.</summary>
internal static class OpenAIOptionsCheck
{
    public static IReadOnlyList<ModelOptionsError> Check(OpenAIOptions options, ModelKey key)
    {
        var errors = new List<ModelOptionsError>();
        var endpoint = CheckEndpoint(options.Endpoint);
        if (endpoint is not null) errors.Add(new(nameof(options.Endpoint), endpoint));
        else if (key.Check() is { } missing) errors.Add(missing);

        if (!options.KeyHeader.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || options.KeyHeader.Length == 0)
            errors.Add(new(nameof(options.KeyHeader), $"'{options.KeyHeader}' is not the name of a header, as Authorization or api-key are."));
        if (options.TotalTimeoutSeconds < options.TimeoutSeconds)
            errors.Add(new(nameof(options.TotalTimeoutSeconds), $"{options.TotalTimeoutSeconds} is less than TimeoutSeconds ({options.TimeoutSeconds}), which it includes."));
        return errors;
    }

    private static string? CheckEndpoint(string endpoint)
    {
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            return $"'{endpoint}' is not an absolute http or https address, as {OpenAIOptions.DefaultEndpoint} is.";
        if (uri.UserInfo.Length > 0) return "An address with a user or password is not allowed: put the key where ApiKeyEnvironment or ApiKeyFile points to.";
        return uri.Query.Length + uri.Fragment.Length > 0 ? "A query or fragment is not allowed; for Azure use the address that ends in /openai/v1." : null;
    }
}
