using System.CommandLine;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Hosting;

namespace PluginHost.Cli;

/// <summary>
/// What <c>pluginhost check --start</c> does beside the check: it starts all plugins as the host does, asks for their health, and stops them. It
/// listens on no address, continues no run and deletes no session.
/// </summary>
internal static class StartCheck
{
    /// <returns>The exit code: 1 when something does not start, or is not healthy.</returns>
    public static async Task<int> RunAsync(HostSetup setup, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        FileMask.Restrict();
        await using var app = HostComposition.Build(setup, () => setup, TraceCommand.DisableOutput);
        var runtime = app.Services.GetRequiredService<HostRuntime>();
        try
        {
            await runtime.StartAsync(cancellationToken, takesRunsOver: false);
        }
        catch (StartupException e)
        {
            return CommandOptions.WriteErrors(console.Error, e.Errors);
        }

        try
        {
            var set = app.Services.GetRequiredService<ChainHolder>().Current;
            return Report(set, await HealthCheck.AskAsync(set, app.Services.GetRequiredService<PluginCaller>()), console);
        }
        finally
        {
            await runtime.StopPluginsAsync();
        }
    }

    private static int Report(ChainSet set, Readiness readiness, InvocationConfiguration console)
    {
        foreach (var trouble in readiness.Degraded) console.Error.WriteLine($"Warning: {trouble.Path} is degraded: {trouble.Message}");
        if (readiness.Unhealthy.Count > 0)
            return CommandOptions.WriteErrors(console.Error, [.. readiness.Unhealthy.Select(t => new ConfigurationError(t.Path, $"It is not healthy: {t.Message}"))]);
        console.Output.WriteLine($"Started and stopped: {string.Join(", ", set.Plugins.Select(p => p.SourceId).Distinct())}.");
        return 0;
    }
}
