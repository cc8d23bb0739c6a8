using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Cli;

/// <summary>
/// <c>pluginhost check</c>: checks configuration and plugins without serving. The only code of plugins that runs is that of options which
/// check themselves, unless <c>--start</c> is given.
/// </summary>
internal static class CheckCommand
{
    public static Command Create(CommandOptions options, HostPaths? paths = null)
    {
        var command = CommandOptions.CreateCommand("check", "Check configuration and plugins without serving. Exits with 1 when there are errors.");
        var start = new Option<bool>("--start") { Description = "Also start all plugins, ask for their health, and stop them. Stores create and migrate their files." };
        command.Options.Add(start);
        command.SetAction((parsed, cancellationToken) => parsed.GetValue(start)
            ? StartAsync(cache => options.Load(parsed, paths, cache), parsed.InvocationConfiguration, cancellationToken)
            : CheckAsync(options.Load(parsed, paths), parsed.InvocationConfiguration));
        return command;
    }

    private static async Task<int> StartAsync(Func<PluginCache, HostSetup> load, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        using var cache = new PluginCache();
        var setup = load(cache);
        var code = await CheckAsync(setup, console);
        return code == 0 ? await StartCheck.RunAsync(setup, console, cancellationToken) : code;
    }

    private static async Task<int> CheckAsync(HostSetup setup, InvocationConfiguration console)
    {
        using var scheduler = new PluginCallScheduler(NullLogger.Instance);
        var caller = new PluginCaller(HostObserver.None, TimeProvider.System, scheduler);
        var errors = setup.Errors.Concat(await OptionsCheck.FindErrorsAsync(setup, caller)).ToList();
        if (errors.Count > 0 || setup.Configuration is not { } configuration) return CommandOptions.WriteErrors(console.Error, errors);
        CommandOptions.WriteWarnings(console.Error, setup.Warnings);
        console.Output.WriteLine(Summarize(setup, configuration));
        foreach (var agent in configuration.Agents.Values)
            console.Output.WriteLine($"  {agent.Name}: {string.Join(" → ", [.. FindAddedHistory(setup, agent), .. agent.Chain.Select(e => e.SourceId), agent.Model.Client])}");
        return 0;
    }

    /// <summary>The history that the host adds when none of the chain loads.</summary>
    private static string[] FindAddedHistory(HostSetup setup, AgentConfiguration agent) =>
        agent.Chain.Any(e => e.Host.Load && setup.Catalog.Find(e.Plugin)?.Is(PluginKind.History) == true) ? [] : [$"{ChainBuilder.InMemoryHistoryName} (lost at a restart)"];

    private static string Summarize(HostSetup setup, HostConfiguration configuration)
    {
        var agents = configuration.Agents.Count == 1 ? "1 agent" : $"{configuration.Agents.Count} agents";
        var plugins = setup.Catalog.Plugins.Count == 1 ? "1 plugin" : $"{setup.Catalog.Plugins.Count} plugins";
        var store = configuration.Sessions.Store?.Plugin ?? "memory";
        return $"{setup.Loaded.File} is valid: {agents}, {plugins} found, sessions in {store}.";
    }
}
