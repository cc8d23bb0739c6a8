using PluginHost.Engine.Errors;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Observation;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Errors;
using PluginHost.Native.Resources.Admin;

namespace PluginHost.Native.Endpoints;

/// <summary>Health, open to all: live while the process answers, ready while it takes new work.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("GET", "/health/live", WriteOkAsync, "live", "Whether the process answers.")
            .WithMetadata(OpenToAll.Instance).DisableHttpMetrics().Gives(200, typeof(HealthResource));
        routes.MapCall("GET", "/health/ready", ReadyAsync, "ready", "Whether the host takes new work: not before it has started, nor when it stops or a plugin cannot do its work.")
            .WithMetadata(OpenToAll.Instance).DisableHttpMetrics().Gives(200, typeof(HealthResource)).Refuses(503);
    }

    private static async Task ReadyAsync(HttpContext context)
    {
        var found = await HostStatus.ReadAsync(context);
        if (found.State is HostStatus.Starting or HostStatus.Stopping) throw new ProblemException(HttpProblemTypes.NotReady, "The host is starting or stopping.");
        var unhealthy = found.Readiness.Unhealthy;
        if (unhealthy.Count > 0)
            throw new ProblemException(HttpProblemTypes.NotReady, string.Join(' ', unhealthy.Select(t => $"{t.Path}: {t.Message}"))) { Errors = unhealthy };
        var telemetry = context.RequestServices.GetService<TelemetryHealth>()?.Signals;
        var health = new HealthResource("ok", telemetry is { Count: > 0 } ? telemetry : null, context.RequestServices.GetService<HostRuntime>()?.RestartReason)
        {
            Degraded = found.Readiness.Degraded.Count == 0 ? null : [.. found.Readiness.Degraded.Select(d => new DegradedPluginResource(d.Path, d.Message))],
        };
        await context.WriteAsync(200, health, ApiJson.Default.HealthResource);
    }

    private static Task WriteOkAsync(HttpContext context) =>
        context.WriteAsync(200, new HealthResource("ok"), ApiJson.Default.HealthResource);
}
