using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Sources;

/// <summary>The outcome of reading the configuration.</summary>
/// <param name="Draft">
/// What could be read, with defaults instead of what could not; null when there is no file or it is not JSON. For finding
/// more errors, not for serving.
/// </param>
/// <param name="Errors">All errors.</param>
/// <param name="File">The file that was read; null when none was found.</param>
internal sealed record LoadResult(HostConfiguration? Draft, IReadOnlyList<ConfigurationError> Errors, string? File)
{
    /// <summary>What an operator should know, and does not keep the host from starting.</summary>
    public IReadOnlyList<ConfigurationError> Warnings { get; init; } = [];

    /// <summary>What was read, with what lies over it; null when it could not be read at all.</summary>
    public OptionsSection? Root { get; init; }

    /// <summary>The file's text, and where each value comes from; null when it could not be read at all.</summary>
    public ConfigurationText? Text { get; init; }

    /// <summary>The configuration; null when there are errors.</summary>
    public HostConfiguration? Configuration => Errors.Count == 0 ? Draft : null;
}
