namespace PluginHost.Sdk;

/// <summary>
/// Optional: a plugin that reports whether it can work. The host asks on readiness requests, at most once a second.
/// </summary>
public interface IPluginHealth
{
    /// <summary>
    /// Returns how well the plugin can work. Called often and concurrently with all other methods, so it must be cheap while the plugin
    /// is healthy. After a failure this method should retry, because runs do not arrive while the host is not ready. An exception counts as
    /// <see cref="PluginHealth.Unhealthy"/>.
    /// </summary>
    /// <param name="cancellationToken">Cancelled at the entry's timeout.</param>
    /// <returns>The health.</returns>
    ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken);
}

/// <summary>How well a plugin can work. Immutable.</summary>
public sealed record PluginHealth
{
    private PluginHealth()
    {
    }

    /// <summary>The plugin works.</summary>
    public static PluginHealth Healthy { get; } = new() { IsReady = true };

    /// <summary>Whether the plugin can work, if only in part. The host is not ready while a plugin is not.</summary>
    public bool IsReady { get; private init; }

    /// <summary>Cause and remedy; null when the plugin is healthy.</summary>
    public string? Text { get; private init; }

    /// <summary>The plugin works in part, for example without its cache. The host stays ready, and readiness shows the text.</summary>
    /// <param name="text">
    /// Cause and remedy for an operator in one or two sentences, without secrets: unauthenticated callers see it, with the last part of
    /// each absolute path.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="text"/> is empty.</exception>
    public static PluginHealth Degraded(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return new PluginHealth { IsReady = true, Text = text };
    }

    /// <summary>The plugin cannot work. The host is not ready until it can.</summary>
    /// <param name="text">Cause and remedy, as for <see cref="Degraded"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="text"/> is empty.</exception>
    public static PluginHealth Unhealthy(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return new PluginHealth { Text = text };
    }
}
