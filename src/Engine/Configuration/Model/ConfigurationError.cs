namespace PluginHost.Engine.Configuration.Model;

/// <summary>One error that keeps the host from starting.</summary>
/// <param name="Path">Where: a path in the configuration (<c>Agents:assistant:Chain:0:Window</c>), or a file.</param>
/// <param name="Message">What is wrong, as a sentence. Never a secret, never a stack trace.</param>
/// <param name="Cure">What is allowed or what to do, as a sentence; null when the message says it.</param>
internal sealed record ConfigurationError(string Path, string Message, string? Cure = null)
{
    /// <summary>The line of a file that is not JSON, from 1; null for other errors, whose path leads to their line.</summary>
    public int? Line { get; init; }

    public override string ToString() => $"{Path}: {Message}{(Cure is null ? "" : $" {Cure}")}";
}

/// <summary>The host cannot start, or a reload cannot be applied. The message lists all errors.</summary>
internal sealed class StartupException(IReadOnlyList<ConfigurationError> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    public IReadOnlyList<ConfigurationError> Errors { get; } = errors;
}
