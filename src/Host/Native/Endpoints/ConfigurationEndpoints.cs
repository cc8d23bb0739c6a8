using PluginHost.Engine.Hosting;
using PluginHost.Http;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources.Admin;

namespace PluginHost.Native.Endpoints;

/// <summary>Read the configuration that serves, and check another one.</summary>
internal static class ConfigurationEndpoints
{
    public static void MapConfiguration(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("GET", "/v1/configuration", ReadAsync, "readConfiguration", "Reads the configuration that serves: the file, and all values with where they come from. Secrets are hidden.")
            .ForAdmins().Gives(200, typeof(ConfigurationResource)).Refuses(400);
        routes.MapCall(
            "POST", "/v1/check", CheckAsync, "checkConfiguration",
            "Checks the configuration and the plugins as they are now, or another text of the file, without changing what serves. The only code of plugins that runs is that of options which check themselves.")
            .ForAdmins().Takes(typeof(CheckBody), optional: true).Gives(200, typeof(CheckResource)).Refuses(400, 413, 415);
    }

    private static Task ReadAsync(HttpContext context)
    {
        context.ReadNothing();
        return context.WriteAsync(200, new ConfigurationView(context.Service<HostRuntime>()).Read(), ApiJson.Default.ConfigurationResource);
    }

    private static async Task CheckAsync(HttpContext context)
    {
        var errors = new InputErrors();
        QueryBinder.Bind<NoQuery>(context, errors);
        var body = BodyBinder.Bind<CheckBody>(await JsonBody.ReadAsync(context.Request, errors, optional: true), errors);
        errors.ThrowIfAny();
        var check = await context.Service<HostRuntime>().CheckAsync(body.Text, context.RequestAborted);
        await context.WriteAsync(200, CheckResource.From(check), ApiJson.Default.CheckResource);
    }
}
