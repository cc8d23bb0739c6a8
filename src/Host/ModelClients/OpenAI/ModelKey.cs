using PluginHost.Sdk;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>The source of the key of a model's server. Never stores or prints the key.</summary>
internal sealed class ModelKey(OpenAIOptions options, Func<string, string?> environment)
{
    private const int MaxLength = 16 * 1024;

    /// <summary>A description of the source for messages.</summary>
    public string Source =>
        options.ApiKeyFile is { } file ? $"the file '{file}'"
        : options.ApiKeyEnvironment.Length > 0 ? $"the environment variable {options.ApiKeyEnvironment}"
        : "ApiKeyEnvironment or ApiKeyFile, which are not set";

    /// <summary>Reads the current key; null when none is configured or the variable is not set.</summary>
    /// <exception cref="ModelException">The file cannot be read, or its content or the variable is not a valid key.</exception>
    public string? Read()
    {
        var text = options.ApiKeyFile is { } file ? ReadFile(file)
            : options.ApiKeyEnvironment.Length > 0 ? environment(options.ApiKeyEnvironment)?.Trim()
            : null;
        if (string.IsNullOrEmpty(text)) return options.ApiKeyFile is null ? null : throw CreateInvalidKey("is empty");
        return text.All(c => c is > ' ' and <= '~') ? text : throw CreateInvalidKey("contains characters that a key cannot have");
    }

    /// <summary>Validates the key at start; null when it is valid or not required.</summary>
    public ModelOptionsError? Validate()
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
