using PluginHost.Http;
using PluginHost.Http.Streaming;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Native;

/// <summary>Runs as the native API shows them.</summary>
internal sealed class RunResourceFormat : RunFormat
{
    public static RunResourceFormat Instance { get; } = new();

    public override Task WriteAsync(HttpContext context, RunRecord run) =>
        context.WriteAsync(StatusCodes.Status200OK, RunResource.From(run), ApiJson.Default.RunResource);

    public override Task WriteAcceptedAsync(HttpContext context, RunRecord run)
    {
        context.Response.Headers.Location = $"/v1/sessions/{run.Session.Id}/runs/{run.Id}";
        return context.WriteAsync(StatusCodes.Status202Accepted, RunResource.From(run), ApiJson.Default.RunResource);
    }

    public override IRunEventMapper CreateMapper(RunRecord run) => new RunEventMapper(run);
}
