using System.CommandLine;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Cli;

/// <summary>
/// <c>pluginhost check</c>: checks configuration and plugins without serving and without running plugin code.
/// </summary>
internal static class CheckCommand
{
    public static Command Create(CommandOptions options, HostPaths? paths = null)
    {
        var command = CommandOptions.CreateCommand("check", "Check configuration and plugins without serving. Exits with 1 when there are errors.");
        command.SetAction(parsed => Run(options.Load(parsed, paths), parsed.InvocationConfiguration));
        return command;
    }

    private static int Run(HostSetup setup, InvocationConfiguration console)
    {
        if (setup.Configuration is not { } configuration) return CommandOptions.WriteErrors(console.Error, setup.Errors);
        CommandOptions.WriteWarnings(console.Error, setup.Warnings);
        console.Output.WriteLine(Summarize(setup, configuration));
        foreach (var agent in configuration.Agents.Values)
            console.Output.WriteLine($"  {agent.Name}: {string.Join(" → ", [.. agent.Chain.Select(e => e.SourceId), agent.Model.Client])}");
        return 0;
    }

    private static string Summarize(HostSetup setup, HostConfiguration configuration)
    {
        var agents = configuration.Agents.Count == 1 ? "1 agent" : $"{configuration.Agents.Count} agents";
        var plugins = setup.Catalog.Plugins.Count == 1 ? "1 plugin" : $"{setup.Catalog.Plugins.Count} plugins";
        var store = configuration.Sessions.Store?.Plugin ?? "memory";
        return $"{setup.Loaded.File} is valid: {agents}, {plugins} found, sessions in {store}.";
    }
}
