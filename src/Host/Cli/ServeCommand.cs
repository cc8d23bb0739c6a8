using System.CommandLine;
using System.Reflection;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;
using PluginHost.Hosting;

namespace PluginHost.Cli;

/// <summary>The action of the program without a command: serves until it is stopped.</summary>
internal static class ServeCommand
{
    /// <summary>Sets the action of the root command.</summary>
    public static void Attach(RootCommand root, CommandOptions options)
    {
        root.TreatUnmatchedTokensAsErrors = false;
        root.SetAction((parsed, cancellationToken) => RunAsync(
            (file, cache, text) => options.Load(file ?? parsed.GetValue(options.Config), parsed.UnmatchedTokens, null, cache, text), parsed.InvocationConfiguration.Error, cancellationToken));
    }

    private static async Task<int> RunAsync(Func<string?, PluginCache, string?, HostSetup> load, TextWriter errors, CancellationToken cancellationToken)
    {
        FileMask.Restrict();
        using var cache = new PluginCache();
        using var signal = new ReloadSignal();
        var setup = load(null, cache, null);
        if (setup.Configuration is null) return CommandOptions.WriteErrors(errors, setup.Errors);
        await using var app = HostComposition.Build(
            setup, () => load(null, cache, null), loadOther: file => load(file, cache, null), check: text => load(null, cache, text));
        StrayErrors.Watch(app.Logger);
        var runtime = app.Services.GetRequiredService<HostRuntime>();
        try
        {
            await runtime.StartAsync(cancellationToken);
            await app.StartAsync(cancellationToken);
        }
        catch (StartupException e)
        {
            return CommandOptions.WriteErrors(errors, e.Errors);
        }
        catch (IOException e)
        {
            // The server could not bind an address; the message names it.
            await runtime.StopPluginsAsync();
            return CommandOptions.WriteErrors(errors, [new("Server:Listen", e.Message, e.InnerException is AddressInUseException ? AddressInUse : null)]);
        }

        foreach (var warning in setup.Warnings) Hosting.Log.SetupWarning(app.Logger, warning);
        LogServing(app, setup);
        signal.Attach(runtime, app.Logger);
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    private const string AddressInUse =
        "Another program listens there, perhaps another PluginHost. Stop it, or choose another port: --Server:Listen:0=http://127.0.0.1:5081";

    private static void LogServing(WebApplication app, HostSetup setup) => Hosting.Log.Serving(
        app.Logger,
        typeof(ServeCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
        // The addresses of the API come first. Other listeners log their addresses themselves.
        string.Join(", ", app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Take(setup.Configuration!.Server.Listen.Count)),
        string.Join(", ", app.Services.GetRequiredService<ChainHolder>().Current.Chains.Select(c => c.Agent.Name)),
        setup.Loaded.File ?? "");
}
