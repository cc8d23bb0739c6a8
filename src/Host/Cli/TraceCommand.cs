using System.CommandLine;
using Microsoft.Extensions.Logging.Console;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Hosting;

namespace PluginHost.Cli;

/// <summary>
/// <c>pluginhost trace</c>: runs one message through the configured chain in this process, without listening, and shows the run's
/// spans. Needs no backend and sends nothing to one.
/// </summary>
internal static class TraceCommand
{
    public static Command Create(CommandOptions options, HostPaths? paths = null)
    {
        var message = new Argument<string>("message") { Description = "What the user says." };
        var agent = new Option<string?>("--agent") { Description = "The agent to run; may be left out when only one is configured." };
        var session = new Option<string?>("--session")
        {
            Description = "The session to run on, which keeps the run. Without it, the run has a session of its own, which is deleted afterwards.",
        };
        var warmUp = new Option<int>("--warm-up")
        {
            Description = "How often to run the message before, on sessions that are deleted: a first run takes longer than those of a host that serves.",
        };
        warmUp.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 100) result.AddError("--warm-up takes 0 to 100.");
        });
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = CommandOptions.CreateCommand("trace", "Run one message and show what each part of the chain did, and how long it took.");
        command.Arguments.Add(message);
        foreach (var option in new Option[] { agent, session, warmUp, json }) command.Options.Add(option);
        // Synchronous, because ctrl-C cancels an asynchronous action; here it cancels the run, whose spans are shown all the same.
        command.SetAction(parsed =>
        {
            var asked = new TraceRequest(parsed.GetValue(message)!, parsed.GetValue(agent), parsed.GetValue(session), parsed.GetValue(warmUp));
            return RunAsync(options.Load(parsed, paths), asked, parsed.GetValue(json), parsed.InvocationConfiguration).GetAwaiter().GetResult();
        });
        return command;
    }

    private static async Task<int> RunAsync(HostSetup setup, TraceRequest asked, bool json, InvocationConfiguration console)
    {
        if (setup.Configuration is not { } configuration) return Fail(console, setup.Errors);
        var kept = configuration with { Telemetry = configuration.Telemetry with { KeptTraces = 1, TracesPerSecond = int.MaxValue } };
        var quiet = setup with { Loaded = setup.Loaded with { Draft = kept } };
        await using var app = HostComposition.Build(quiet, () => quiet, Quieten);
        var runtime = app.Services.GetRequiredService<HostRuntime>();
        try
        {
            await runtime.StartAsync(CancellationToken.None);
        }
        catch (StartupException e)
        {
            return Fail(console, e.Errors);
        }

        try
        {
            using var interrupts = new Interrupts();
            Console.CancelKeyPress += interrupts.OnCancelKey;
            return await new TracedRun(app.Services, console, json).RunAsync(asked, interrupts.BeginRun());
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

    /// <summary>Standard output is for the spans, and nothing leaves the process.</summary>
    private static void Quieten(IHostApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection([new("Logging:LogLevel:Default", "Warning"), new("OTEL_SDK_DISABLED", "true")]);
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static int Fail(InvocationConfiguration console, IReadOnlyList<ConfigurationError> errors)
    {
        CommandOptions.WriteErrors(console.Error, errors);
        return 1;
    }
}
