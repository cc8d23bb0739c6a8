namespace PluginHost.ModelClients.OpenAI;

/// <summary>Validates the rules of <see cref="OpenAIOptions"/> that attributes cannot express.</summary>
internal static class OpenAIOptionsValidator
{
    public static IReadOnlyList<ModelOptionsError> Validate(OpenAIOptions options, IModelAccess access)
    {
        var errors = new List<ModelOptionsError>();
        var endpointError = ValidateEndpoint(options.Endpoint);
        if (endpointError is not null) errors.Add(new(nameof(options.Endpoint), endpointError));
        else errors.AddRange(access.Validate());

        if (!options.KeyHeader.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') || options.KeyHeader.Length == 0)
            errors.Add(new(nameof(options.KeyHeader), $"'{options.KeyHeader}' is not a header name. Use for example Authorization or api-key."));
        if (options.TotalTimeoutSeconds < options.TimeoutSeconds)
            errors.Add(new(nameof(options.TotalTimeoutSeconds), $"{options.TotalTimeoutSeconds} must not be less than TimeoutSeconds ({options.TimeoutSeconds})."));
        return errors;
    }

    private static string? ValidateEndpoint(string endpoint)
    {
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            return $"'{endpoint}' is not an absolute http or https address. Use for example {OpenAIOptions.DefaultEndpoint}.";
        if (uri.UserInfo.Length > 0) return "User and password are not allowed in an address. Set the key with ApiKeyEnvironment or ApiKeyFile.";
        return uri.Query.Length + uri.Fragment.Length > 0 ? "Query and fragment are not allowed. For Azure use the address that ends in /openai/v1." : null;
    }
}
