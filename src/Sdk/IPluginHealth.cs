namespace PluginHost.Sdk;

/// <summary>
/// Optional: a plugin that reports whether it can work. The host asks on every readiness request, and is not ready while a
/// plugin reports a problem.
/// </summary>
public interface IPluginHealth
{
    /// <summary>
    /// Returns what prevents the plugin from working. Called often and concurrently with all other methods, so it must be cheap
    /// while the plugin is healthy. After a failure this method should retry, because runs do not arrive while the host is not ready.
    /// </summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>
    /// Null when the plugin is healthy; otherwise cause and remedy for an operator in one or two sentences, without secrets:
    /// unauthenticated callers see the text.
    /// </returns>
    ValueTask<string?> CheckHealthAsync(CancellationToken cancellationToken);
}
