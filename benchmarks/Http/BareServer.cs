using Microsoft.Extensions.AI;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using PluginHost.Benchmarks.OpenAI;
using PluginHost.Benchmarks.Runs;

namespace PluginHost.Benchmarks.Http;

/// <summary>An application of ASP.NET with the OpenTelemetry SDK and one handler for runs, without sessions and plugins: the least that a start of the host takes.</summary>
internal static class BareServer
{
    /// <summary>Serves until SIGTERM.</summary>
    public static async Task ServeAsync(string url, TextWriter output, CancellationToken cancellationToken = default)
    {
        using var model = new StubChatClient();
        await using var server = await StartAsync(url, model);
        await server.ServeAsync(output, cancellationToken);
    }

    public static Task<RunningServer> StartAsync(string url, IChatClient model)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.Services.AddOpenTelemetry()
            .WithTracing(traces => traces.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation())
            .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation());
        var app = builder.Build();
        app.MapGet("/health/live", () => Results.Ok());
        NativeHandler.Map(app, model);
        return RunningServer.StartAsync(app);
    }
}
