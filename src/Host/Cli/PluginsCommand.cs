using System.CommandLine;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Cli;

/// <summary><c>pluginhost plugins</c>: lists the installed plugins without running plugin code.</summary>
internal static class PluginsCommand
{
    public static Command Create(CommandOptions options, HostPaths? paths = null)
    {
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        var command = CommandOptions.CreateCommand("plugins", "List the plugins with their options. Exits with 1 when a plugin is invalid.");
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            var setup = options.Load(parsed, paths);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) output.WriteLine(PluginsJson.Write(setup.Catalog.Plugins));
            else if (output == Console.Out && !Console.IsOutputRedirected) PluginsTable.Write(setup.Catalog.Plugins);
            else PluginsText.Write(output, setup.Catalog.Plugins);

            // Without a readable configuration, plugins in its folders are missing from the list: report its errors, too.
            var errors = setup.Loaded.Draft is null ? setup.Errors : setup.Catalog.Errors;
            return errors.Count == 0 ? 0 : CommandOptions.WriteErrors(parsed.InvocationConfiguration.Error, errors);
        });
        return command;
    }
}
