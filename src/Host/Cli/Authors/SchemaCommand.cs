using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Cli.Authors;

/// <summary><c>pluginhost schema</c>: writes a JSON Schema of the configuration, with the options of all plugins, for editors.</summary>
internal static class SchemaCommand
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(CommandOptions options, HostPaths? paths = null)
    {
        var output = new Option<FileInfo?>("--output") { Description = "The file to write. Default: standard output." };
        var command = CommandOptions.CreateCommand("schema", "Write a JSON Schema of the configuration with the options of all plugins, for editors.");
        command.Options.Add(output);
        command.SetAction(parsed =>
        {
            var setup = options.Load(parsed, paths);
            var console = parsed.InvocationConfiguration;
            // Errors of the configuration do not matter: the schema helps to mend them. A plugin that cannot be read would be missing.
            if (setup.Catalog.Errors.Count > 0) return CommandOptions.WriteErrors(console.Error, setup.Catalog.Errors);
            var schema = ConfigurationSchema.Create(setup.Catalog.Plugins).ToJsonString(Format);
            if (parsed.GetValue(output) is { } file) File.WriteAllText(file.FullName, schema + "\n");
            else console.Output.WriteLine(schema);
            return 0;
        });
        return command;
    }
}
