using PluginHost.Sdk;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>The source of the key of a model's server. Never stores or prints the key.</summary>
internal sealed class ModelKey(OpenAIOptions options, Func<string, string?> environment) : IModelAccess
{
    private const string Bearer = "Authorization";
    private const int MaxLength = 16 * 1024;

    /// <summary>Null also when it cannot be read: then no server has seen it.</summary>
    public string? Secret
    {
        get
        {
            try
            {
                return Read();
            }
            catch (ModelException)
            {
                return null;
            }
        }
    }

    public string Cure => $"Check the key in {Source}{(options.KeyHeader == Bearer ? "" : $", sent as {options.KeyHeader}")}.";

    private string Source =>
        options.ApiKeyFile is { } file ? $"the file '{file}'"
        : options.ApiKeyEnvironment.Length > 0 ? $"the environment variable {options.ApiKeyEnvironment}"
        : "ApiKeyEnvironment or ApiKeyFile, which are not set";

    public ValueTask AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = null;
        if (Read() is not { } value)
        {
            // Some servers without authentication require a key but accept any.
            request.Headers.Authorization = new("Bearer", "none");
        }
        else if (options.KeyHeader.Equals(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            request.Headers.Authorization = new("Bearer", value);
        }
        else
        {
            request.Headers.Remove(options.KeyHeader);
            request.Headers.TryAddWithoutValidation(options.KeyHeader, value);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Does nothing: the key is read for every attempt.</summary>
    public void OnRefused(HttpRequestMessage request)
    {
    }

    public IEnumerable<ModelOptionsError> Validate() => FindDefect() is { } defect ? [defect] : [];

    /// <summary>The current key; null when none is configured or the variable is not set.</summary>
    /// <exception cref="ModelException">The file cannot be read, or its content or the variable is not a valid key.</exception>
    private string? Read()
    {
        var text = options.ApiKeyFile is { } file ? ReadFile(file)
            : options.ApiKeyEnvironment.Length > 0 ? environment(options.ApiKeyEnvironment)?.Trim()
            : null;
        if (string.IsNullOrEmpty(text)) return options.ApiKeyFile is null ? null : throw CreateInvalidKey("is empty");
        return text.All(c => c is > ' ' and <= '~') ? text : throw CreateInvalidKey("contains characters that a key cannot have");
    }

    private ModelOptionsError? FindDefect()
    {
        var option = options.ApiKeyFile is null ? nameof(OpenAIOptions.ApiKeyEnvironment) : nameof(OpenAIOptions.ApiKeyFile);
        try
        {
            var isRequired = new Uri(options.Endpoint).Host.Equals("api.openai.com", StringComparison.OrdinalIgnoreCase);
            return Read() is null && isRequired
                ? new(option, $"OpenAI requires a key, but there is none in {Source}. Set the variable, or set ApiKeyFile.")
                : null;
        }
        catch (ModelException e)
        {
            return new(option, e.Details!);
        }
    }

    private string ReadFile(string file)
    {
        try
        {
            return new FileInfo(file).Length <= MaxLength ? File.ReadAllText(file).Trim() : throw CreateInvalidKey("is too long for a key");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CreateInvalidKey($"cannot be read: {e.Message}");
        }
    }

    private ModelException CreateInvalidKey(string reason) =>
        new(ModelFailure.Unauthorized, "The host has no valid key for the model.") { Details = $"There is no valid model key: {Source} {reason}." };
}
