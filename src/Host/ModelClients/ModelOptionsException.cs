namespace PluginHost.ModelClients;

/// <summary>One thing that is wrong with the options of a chat client.</summary>
/// <param name="Option">The option's name.</param>
/// <param name="Message">What is wrong, and what cures it.</param>
internal sealed record ModelOptionsError(string Option, string Message);

/// <summary>A chat client cannot be made with its options.</summary>
internal sealed class ModelOptionsException(IReadOnlyList<ModelOptionsError> errors)
    : Exception(string.Join(" ", errors.Select(e => $"{e.Option}: {e.Message}")))
{
    public IReadOnlyList<ModelOptionsError> Errors { get; } = errors;
}
