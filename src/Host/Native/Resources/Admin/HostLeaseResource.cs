using System.ComponentModel;
using PluginHost.Http.Binding;
using PluginHost.Sdk;

namespace PluginHost.Native.Resources.Admin;

/// <summary>One of the hosts that share a session store.</summary>
internal sealed record HostLeaseResource(
    [property: AllowedText("host_lease")] string Object,
    [property: Description("The id of its process.")] string Id,
    string Name,
    [property: Description("Where the other hosts reach it; null when they cannot.")] string? Address,
    string Version,
    DateTime StartedAt,
    [property: Description("The agents that it can run.")] IReadOnlyList<string> Agents,
    [property: Description("Its runs in progress at its last renewal.")] int Runs,
    [property: Description("Whether this host answers the request.")] bool Answers,
    [property: AllowedText("live", "over"), Description("A host whose lease is over has stopped, or cannot reach the store. Others take its sessions over.")] string Lease,
    [property: Description("How long the lease still lasted at the last renewal of the answering host; 0 when it is over.")] double LeaseSeconds)
{
    public static HostLeaseResource From(HostLease lease, string self) => new(
        "host_lease",
        lease.Host.Id,
        lease.Host.Name,
        lease.Host.Address,
        lease.Host.Version,
        lease.Host.StartedAt.UtcDateTime,
        lease.Host.Agents,
        lease.Host.Runs,
        lease.Host.Id == self,
        lease.IsLive ? "live" : "over",
        Math.Max(0, Math.Round(lease.Remaining.TotalSeconds, 3)));
}
