using PluginHost.Engine.Errors;

namespace PluginHost.Native;

/// <summary>Reads the configuration again and replaces the chains. Thread-safe.</summary>
internal interface IHostReload
{
    /// <summary>Returns when the new chains serve.</summary>
    /// <returns>The agents that serve from now on.</returns>
    /// <exception cref="ProblemException">The new configuration is wrong, and the old one goes on serving. Status 422, with all errors.</exception>
    ValueTask<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken);
}
