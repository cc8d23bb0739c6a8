using PluginHost.Sdk;

namespace PluginHost.Engine.Errors;

/// <summary>Another host has the session, so that the request is for that one. Nothing was changed.</summary>
internal sealed class SessionElsewhereException(string session, HostDescription host) : ProblemException(new Problem(
    ProblemTypes.SessionElsewhere,
    $"Host '{host.Name}' has session '{session}'. " + (host.Address is null
        ? "Requests cannot be passed on to it, because it has no Cluster:Address. Give each host one."
        : $"It does not answer at {host.Address}. When it is lost, this host takes the session over within seconds: send the request again."))
    {
        RetryAfterSeconds = 1,
    })
{
    /// <summary>The other host.</summary>
    public HostDescription Host { get; } = host;
}
