using PluginHost.Engine.Hosting;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Sessions.Hosts;
using PluginHost.Http;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources;
using PluginHost.Native.Resources.Admin;

namespace PluginHost.Native.Endpoints;

/// <summary>List plugins, generations and hosts, and reload.</summary>
internal static class HostEndpoints
{
    public static void MapHost(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("GET", "/v1/plugins", ListPluginsAsync, "listPlugins", "Lists the installed plugins: active, unused or broken, with their options.")
            .ForAdmins().Gives(200, typeof(ListResource<PluginResource>)).Refuses(400);
        routes.MapCall("GET", "/v1/generations", ListGenerationsAsync, "listGenerations", "Lists the last generations of chains, the newest first.")
            .ForAdmins().Gives(200, typeof(ListResource<GenerationResource>)).Refuses(400);
        routes.MapCall("GET", "/v1/hosts", ListHostsAsync, "listHosts", "Lists the hosts that share the session store, the oldest first; this one alone when it is not shared.")
            .ForAdmins().Gives(200, typeof(ListResource<HostLeaseResource>)).Refuses(400);
        routes.MapCall("GET", "/v1/telemetry", ReadTelemetryAsync, "readTelemetry", "Reads how many traces, metrics and logs were exported or lost since the start.")
            .ForAdmins().Gives(200, typeof(TelemetryResource)).Refuses(400);
        routes.MapCall(
            "POST", "/v1/reload", ReloadAsync, "reload",
            "Reads the configuration and the plugins again and replaces the chains, or brings the generation before back; when anything is wrong, the serving ones stay.")
            .ForAdmins().Takes(typeof(ReloadBody), optional: true).Gives(200, typeof(ReloadResource)).Refuses(400, 409, 415, 422);
    }

    private static Task ReadTelemetryAsync(HttpContext context)
    {
        context.ReadNothing();
        var signals = context.RequestServices.GetService<TelemetryHealth>()?.Signals ?? [];
        var traces = context.Service<KeptTraces>();
        return context.WriteAsync(200, new TelemetryResource("telemetry", signals, traces.Capacity, traces.Ended().Count), ApiJson.Default.TelemetryResource);
    }

    private static Task ListHostsAsync(HttpContext context)
    {
        context.ReadNothing();
        var membership = context.Service<HostMembership>();
        var hosts = membership.Hosts.Select(h => HostLeaseResource.From(h, membership.Id)).ToList();
        return context.WriteAsync(200, new ListResource<HostLeaseResource>(hosts, HasMore: false), ApiJson.Default.ListResourceHostLeaseResource);
    }

    private static Task ListPluginsAsync(HttpContext context)
    {
        context.ReadNothing();
        var runtime = context.Service<HostRuntime>();
        var (setup, generations) = (runtime.Setup, runtime.Generations);
        List<PluginResource> plugins = [.. setup.Catalog.Plugins.Select(p => PluginResource.From(p, setup, generations)), .. PluginResource.FindBroken(setup)];
        return context.WriteAsync(200, new ListResource<PluginResource>(plugins, HasMore: false), ApiJson.Default.ListResourcePluginResource);
    }

    private static async Task ReloadAsync(HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        var body = BodyBinder.Bind<ReloadBody>(await JsonBody.ReadAsync(context.Request, errors, optional: true), errors);
        errors.ThrowIfAny();
        var runtime = context.Service<HostRuntime>();
        var generation = body.Rollback
            ? await runtime.RollBackAsync(context.RequestAborted)
            : await runtime.ReloadAsync(GenerationCause.Reload, context.RequestAborted);
        await context.WriteAsync(200, ReloadResource.From(generation), ApiJson.Default.ReloadResource);
    }

    private static Task ListGenerationsAsync(HttpContext context)
    {
        context.ReadNothing();
        var generations = context.Service<HostRuntime>().Generations.Select(GenerationResource.From).ToList();
        return context.WriteAsync(200, new ListResource<GenerationResource>(generations, HasMore: false), ApiJson.Default.ListResourceGenerationResource);
    }
}
