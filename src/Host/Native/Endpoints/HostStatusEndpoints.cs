using System.Reflection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Native.Resources.Admin;

namespace PluginHost.Native.Endpoints;

/// <summary>What the host is and does now.</summary>
internal static class HostStatusEndpoints
{
    private static readonly string Version =
        typeof(HostStatusEndpoints).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static void MapHostStatus(this IEndpointRouteBuilder routes) =>
        routes.MapCall("GET", "/v1/host", ReadAsync, "readHost", "Reads what the host is and does now: version, readiness, runs, telemetry.")
            .Gives(200, typeof(HostResource)).Refuses(400);

    private static async Task ReadAsync(HttpContext context)
    {
        context.ReadNothing();
        var (runtime, status, isAdmin) = (context.Service<HostRuntime>(), await HostStatus.ReadAsync(context), Tenancy.IsAdmin(context));
        var chains = context.Service<ChainHolder>().Current;
        var names = chains.Plugins.Select(p => p.SourceId).Append(chains.Store.Plugin.SourceId).Distinct();
        var host = new HostResource(
            "host",
            Version,
            runtime.StartedAt.UtcDateTime,
            Math.Round((context.Service<TimeProvider>().GetUtcNow() - runtime.StartedAt).TotalSeconds, 3),
            status.State,
            status.State is HostStatus.Starting or HostStatus.Stopping ? [] : [.. names.Select(n => PluginStateResource.From(n, status))],
            RunCountsResource.From(context.Service<RunEngine>().Count(isAdmin ? null : Tenancy.TenantOf(context))),
            chains.Store.Plugin.SourceId,
            context.RequestServices.GetService<TelemetryHealth>()?.Signals ?? [])
        {
            Restart = runtime.RestartReason,
        };
        if (isAdmin) host = host with { Addresses = AddressesOf(context), Generation = runtime.Generations is [{ } serving, ..] ? serving.Number : null, MemoryBytes = Environment.WorkingSet };
        await context.WriteAsync(200, host, ApiJson.Default.HostResource);
    }

    /// <summary>Those of the API come first. Other listeners are those of metrics.</summary>
    private static IReadOnlyList<string> AddressesOf(HttpContext context) =>
        [.. context.Service<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.Take(context.Service<ServerConfiguration>().Listen.Count) ?? []];
}
