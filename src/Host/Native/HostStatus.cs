using PluginHost.Engine.Chains;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Http;

namespace PluginHost.Native;

/// <summary>Whether the host takes new work, and what its plugins say of themselves.</summary>
/// <param name="State">One of the words of this class.</param>
/// <param name="Readiness">What the plugins say; empty while the host starts or stops.</param>
internal sealed record HostStatus(string State, Readiness Readiness)
{
    public const string Ready = "ready";
    public const string NotReady = "not_ready";
    public const string Starting = "starting";
    public const string Stopping = "stopping";

    public static async ValueTask<HostStatus> ReadAsync(HttpContext context)
    {
        var lifetime = context.Service<IHostApplicationLifetime>();
        if (lifetime.ApplicationStopping.IsCancellationRequested) return new(Stopping, new([], []));
        if (!lifetime.ApplicationStarted.IsCancellationRequested) return new(Starting, new([], []));
        var found = await context.Service<HostReadiness>().CheckAsync(context.RequestAborted);
        return new(found.Unhealthy.Count > 0 ? NotReady : Ready, found);
    }
}
