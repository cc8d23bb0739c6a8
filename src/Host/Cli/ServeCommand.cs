using System.CommandLine;
using System.Reflection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Hosting;

namespace PluginHost.Cli;

/// <summary>What the program does without a command: serves until it is told to stop.</summary>
internal static class ServeCommand
{
    /// <summary>Makes the root command serve.</summary>
    public static void Attach(RootCommand root, CommandOptions options)
    {
        root.TreatUnmatchedTokensAsErrors = false;
        root.SetAction((parsed, cancellationToken) => RunAsync(() => options.Load(parsed), parsed.InvocationConfiguration.Error, cancellationToken));
    }

    private static async Task<int> RunAsync(Func<HostSetup> load, TextWriter errors, CancellationToken cancellationToken)
    {
        var setup = load();
        if (setup.Configuration is null) return Fail(errors, setup.Errors);
        await using var app = HostComposition.Build(setup, load);
        StrayErrors.Watch(app.Logger);
        var runtime = app.Services.GetRequiredService<HostRuntime>();
        try
        {
            await runtime.StartAsync(cancellationToken);
            await app.StartAsync(cancellationToken);
        }
        catch (StartupException e)
        {
            return Fail(errors, e.Errors);
        }
        catch (IOException e)
        {
            // The server says which address it could not bind, and why.
            await runtime.StopPluginsAsync();
            return Fail(errors, [new("Server:Listen", e.Message)]);
        }

        foreach (var warning in setup.Warnings) Hosting.Log.SetupWarning(app.Logger, warning);
        Announce(app, runtime, setup);
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    private static void Announce(WebApplication app, HostRuntime runtime, HostSetup setup) => Hosting.Log.Serving(
        app.Logger,
        typeof(ServeCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
        // The API's own come first; what others listen on has a line of its own.
        string.Join(", ", app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Take(setup.Configuration!.Server.Listen.Count)),
        string.Join(", ", runtime.Agents.Select(a => a.Name)),
        setup.Loaded.File ?? "");

    private static int Fail(TextWriter writer, IReadOnlyList<ConfigurationError> errors)
    {
        CommandOptions.WriteErrors(writer, errors);
        return 1;
    }
}
