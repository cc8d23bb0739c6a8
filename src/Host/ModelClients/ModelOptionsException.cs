namespace PluginHost.ModelClients;

/// <summary>An error in the options of a chat client.</summary>
/// <param name="Option">The option's name.</param>
/// <param name="Message">Cause and remedy.</param>
internal sealed record ModelOptionsError(string Option, string Message);

/// <summary>The options of a chat client are invalid.</summary>
internal sealed class ModelOptionsException(IReadOnlyList<ModelOptionsError> errors)
    : Exception(string.Join(" ", errors.Select(e => $"{e.Option}: {e.Message}")))
{
    public IReadOnlyList<ModelOptionsError> Errors { get; } = errors;
}
