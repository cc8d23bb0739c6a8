using System.CommandLine;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Cli.Authors;

/// <summary>
/// <c>pluginhost dev</c>: builds a plugin's project, talks to an agent that uses it, shows the trace of each run, and takes over the
/// next build when a source changes.
/// </summary>
internal static class DevCommand
{
    public static Command Create(CommandOptions options)
    {
        var path = new Argument<string>("path")
        {
            Description = "The project of the plugin, or its folder.",
            DefaultValueFactory = _ => ".",
        };
        var command = CommandOptions.CreateCommand(
            "dev", "Build a plugin, talk to an agent with it and see the trace of each run. Changed sources are built and taken over. --Plugins:<plugin>:<Option>=value sets an option.");
        command.Arguments.Add(path);
        // A synchronous action: System.CommandLine would end an asynchronous one at the first ctrl-C, which should only cancel the run.
        command.SetAction(parsed => RunAsync(options, parsed, parsed.GetValue(path)!).GetAwaiter().GetResult());
        return command;
    }

    private static async Task<int> RunAsync(CommandOptions options, ParseResult parsed, string path)
    {
        var errors = parsed.InvocationConfiguration.Error;
        if (DevBuild.FindProject(path) is not { } project)
        {
            await errors.WriteLineAsync($"'{path}' is not a project, and no folder with one. Name the project file.");
            return 1;
        }

        using var site = new DevSite();
        var build = new DevBuild(project);
        var result = await build.RunAsync(CancellationToken.None);
        if (result.Output is null)
        {
            foreach (var error in result.Messages) await errors.WriteLineAsync(error);
            return 1;
        }

        site.Add(result);
        var paths = new HostPaths(site.DataFolder, AppContext.BaseDirectory);
        using var cache = new PluginCache();
        HostSetup Load() => options.Load(site.ConfigurationFile, parsed.UnmatchedTokens, paths, cache);
        try
        {
            await using var host = await DevHost.StartAsync(Load);
            return await new DevLoop(host, build, site, result).RunAsync();
        }
        catch (StartupException e)
        {
            return CommandOptions.WriteErrors(errors, e.Errors);
        }
    }
}
