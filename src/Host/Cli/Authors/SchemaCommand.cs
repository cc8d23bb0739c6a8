using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Sources;

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
            // Errors in the file do not matter: the schema helps to mend them. A plugin that cannot be read would be missing.
            List<ConfigurationError> errors = [.. setup.Errors.Where(e => e.Path == TextSetting.CommandLine), .. setup.Catalog.Errors];
            if (errors.Count > 0) return CommandOptions.WriteErrors(console.Error, errors);
            var schema = ConfigurationSchema.Create(setup.Catalog.Plugins).ToJsonString(Format);
            if (parsed.GetValue(output) is { } file) return Write(file.FullName, schema, console.Error);
            console.Output.WriteLine(schema);
            return 0;
        });
        return command;
    }

    private static int Write(string file, string schema, TextWriter errors)
    {
        try
        {
            File.WriteAllText(file, schema + "\n");
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return CommandOptions.WriteErrors(errors, [new ConfigurationError("--output", e.Message)]);
        }
    }
}
