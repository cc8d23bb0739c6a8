namespace PluginHost.Api;

/// <summary>Reads the configuration again and replaces the chains. Thread-safe.</summary>
public interface IHostReload
{
    /// <summary>Returns when the new chains serve.</summary>
    /// <returns>The agents that serve from now on.</returns>
    /// <exception cref="Sessions.ProblemException">The new configuration is wrong, and the old one goes on serving. Status 422, with all errors.</exception>
    ValueTask<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken);
}
