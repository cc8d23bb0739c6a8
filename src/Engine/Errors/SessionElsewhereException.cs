using PluginHost.Sdk;

namespace PluginHost.Engine.Errors;

/// <summary>Another host has the session, or alone has the agent, so that the request is for that one. Nothing was changed.</summary>
/// <param name="what">What it has, <c>session 's'</c>.</param>
/// <param name="host">The other host.</param>
internal sealed class SessionElsewhereException(string what, HostDescription host) : ProblemException(new Problem(
    ProblemTypes.SessionElsewhere,
    $"Host '{host.Name}' has {what}. " + (host.Address is null
        ? "Requests cannot be passed on to it, because it has no Cluster:Address. Give each host one."
        : $"It does not answer at {host.Address}. When it is lost, this host takes its sessions over within seconds: send the request again."))
{
    RetryAfterSeconds = 1,
})
{
    /// <summary>The same refusal of a request over a WebSocket.</summary>
    public ProblemException ToSocket() => new(
        ProblemTypes.SessionElsewhere,
        $"Host '{Host.Name}' has {what}, and requests over a WebSocket are not passed on. Send it as POST, or again when that host has not used the session for 30 seconds.")
    {
        RetryAfterSeconds = 30,
    };

    /// <summary>The other host.</summary>
    public HostDescription Host { get; } = host;

    /// <summary>The same refusal when a third host answers at the address of the other one.</summary>
    public ProblemException ToWrongAddress() => new(
        ProblemTypes.SessionElsewhere,
        $"Host '{Host.Name}' has {what}, but another host answers at its address {Host.Address}. Give each host a Cluster:Address that leads to it alone.")
    {
        RetryAfterSeconds = 1,
    };
}
