using System.CommandLine;
using Microsoft.Extensions.Logging.Console;
using PluginHost.Cli.Remote;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;
using PluginHost.Hosting;

namespace PluginHost.Cli;

/// <summary>
/// <c>pluginhost trace</c>: runs one message through the configured chain in this process, without listening, and shows the spans of
/// the run. Needs no telemetry backend and exports nothing.
/// </summary>
internal static class TraceCommand
{
    public static Command Create(CommandOptions options, HostPaths? paths = null)
    {
        var message = new Argument<string>("message") { Description = "The user message." };
        var agent = new Option<string?>("--agent") { Description = CommandOptions.AgentDescription };
        var session = new Option<string?>("--session")
        {
            Description = "The session of the run, which keeps it. Default: a new session, which is deleted after the run.",
        };
        var warmUp = CommandOptions.CreateNumberOption(
            "--warm-up",
            "The number of runs before the traced one, on sessions that are deleted. The first runs of a process are slower than later ones.",
            defaultValue: 0,
            min: 0,
            max: 100);
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = CommandOptions.CreateCommand("trace", "Run one message and show the spans and times of each part of the chain.");
        command.Arguments.Add(message);
        foreach (var option in new Option[] { agent, session, warmUp, json }) command.Options.Add(option);
        // A synchronous action: System.CommandLine would end an asynchronous one at ctrl-C, which should cancel the run and show its spans.
        command.SetAction(parsed =>
        {
            var request = new TraceRequest(parsed.GetValue(message)!, parsed.GetValue(agent), parsed.GetValue(session), parsed.GetValue(warmUp));
            using var cache = new PluginCache();
            return RunAsync(options.Load(parsed, paths, cache), request, parsed.GetValue(json), parsed.InvocationConfiguration).GetAwaiter().GetResult();
        });
        return command;
    }

    private static async Task<int> RunAsync(HostSetup setup, TraceRequest request, bool json, InvocationConfiguration console)
    {
        if (setup.Configuration is not { } configuration) return CommandOptions.WriteErrors(console.Error, setup.Errors);
        var traced = configuration with { Telemetry = configuration.Telemetry with { KeptTraces = 1, TracesPerSecond = int.MaxValue } };
        var tracedSetup = setup with { Loaded = setup.Loaded with { Draft = traced } };
        await using var app = HostComposition.Build(tracedSetup, () => tracedSetup, DisableOutput);
        var runtime = app.Services.GetRequiredService<HostRuntime>();
        try
        {
            await runtime.StartAsync(CancellationToken.None, takesRunsOver: false);
        }
        catch (StartupException e)
        {
            return CommandOptions.WriteErrors(console.Error, e.Errors);
        }

        try
        {
            using var interrupts = new InterruptHandler();
            Console.CancelKeyPress += interrupts.OnCancelKey;
            return await new TraceRunner(app.Services, console, json).RunAsync(request, interrupts.BeginRun());
        }
        catch (ProblemException e)
        {
            await console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        finally
        {
            await runtime.StopPluginsAsync();
        }
    }

    /// <summary>Keeps log lines out of standard output, which is for the spans, and disables the export of telemetry.</summary>
    internal static void DisableOutput(IHostApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection([new("Logging:LogLevel:Default", "Warning"), new("OTEL_SDK_DISABLED", "true")]);
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
