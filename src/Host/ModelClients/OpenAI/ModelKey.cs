namespace PluginHost.ModelClients.OpenAI;

/// <summary>Where the key of a model's server comes from. The key itself is kept nowhere and printed nowhere.</summary>
internal sealed class ModelKey(OpenAIOptions options, Func<string, string?> environment)
{
    private const int MaxLength = 16 * 1024;

    /// <summary>For messages.</summary>
    public string Source =>
        options.ApiKeyFile is { } file ? $"the file '{file}'"
        : options.ApiKeyEnvironment.Length > 0 ? $"the environment variable {options.ApiKeyEnvironment}"
        : "ApiKeyEnvironment or ApiKeyFile, neither of which is set";

    /// <summary>The key as it is now; null when none is configured, or the variable is not set.</summary>
    /// <exception cref="ModelException">The file cannot be read, or what it or the variable holds is no key.</exception>
    public string? Read()
    {
        var text = options.ApiKeyFile is { } file ? ReadFile(file)
            : options.ApiKeyEnvironment.Length > 0 ? environment(options.ApiKeyEnvironment)?.Trim()
            : null;
        if (string.IsNullOrEmpty(text)) return options.ApiKeyFile is null ? null : throw Unusable("is empty");
        return text.All(c => c is > ' ' and <= '~') ? text : throw Unusable("holds characters that a key cannot have");
    }

    /// <summary>What keeps the key from being usable at start-up; null when nothing does.</summary>
    public ModelOptionsError? Check()
    {
        var option = options.ApiKeyFile is null ? nameof(OpenAIOptions.ApiKeyEnvironment) : nameof(OpenAIOptions.ApiKeyFile);
        try
        {
            var needed = new Uri(options.Endpoint).Host.Equals("api.openai.com", StringComparison.OrdinalIgnoreCase);
            return Read() is null && needed
                ? new(option, $"OpenAI needs a key, and there is none in {Source}. Set the variable, or name a file in ApiKeyFile.")
                : null;
        }
        catch (ModelException e)
        {
            return new(option, e.Message);
        }
    }

    private string ReadFile(string file)
    {
        try
        {
            return new FileInfo(file).Length <= MaxLength ? File.ReadAllText(file).Trim() : throw Unusable("is too long to be one");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable($"cannot be read: {e.Message}");
        }
    }

    private ModelException Unusable(string why) =>
        new(ModelErrorTypes.Unauthorized, $"There is no usable model key: {Source} {why}.");
}
