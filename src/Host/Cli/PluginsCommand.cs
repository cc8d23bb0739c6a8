using System.CommandLine;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Cli;

/// <summary><c>pluginhost plugins</c>: lists the installed plugins without running plugin code.</summary>
internal static class PluginsCommand
{
    public static Command Create(CommandOptions options, HostPaths? paths = null)
    {
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var name = new Argument<string?>("name") { Description = "A plugin to describe in full: options, files and their hashes.", Arity = ArgumentArity.ZeroOrOne };
        var command = CommandOptions.CreateCommand("plugins", "List the plugins, or describe one. Exits with 1 when a plugin is invalid.");
        command.Arguments.Add(name);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            var setup = options.Load(parsed, paths);
            var output = parsed.InvocationConfiguration.Output;
            IReadOnlyList<PluginDescriptor> plugins = setup.Catalog.Plugins;
            if (parsed.GetValue(name) is { } wanted)
            {
                plugins = [.. plugins.Where(p => p.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))];
                if (plugins.Count == 0)
                    return CommandOptions.WriteErrors(parsed.InvocationConfiguration.Error, [Spelling.Unknown("plugins", wanted, setup.Catalog.Plugins.Select(p => p.Name)), .. setup.Catalog.Errors]);
            }

            if (parsed.GetValue(json)) output.WriteLine(PluginsJson.Write(plugins));
            else if (parsed.GetValue(name) is null) PluginsText.WriteList(output, plugins);
            else if (output == Console.Out && !Console.IsOutputRedirected) PluginsTable.Write(plugins);
            else PluginsText.Write(output, plugins);

            // Without a readable configuration, plugins in its folders are missing from the list: report its errors, too.
            var errors = setup.Loaded.Draft is null ? setup.Errors : setup.Catalog.Errors;
            return errors.Count == 0 ? 0 : CommandOptions.WriteErrors(parsed.InvocationConfiguration.Error, errors);
        });
        return command;
    }
}
