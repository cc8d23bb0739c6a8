using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using PluginHost.Cli.Remote;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Sdk.Testing.Conformance;

namespace PluginHost.Cli.Authors;

/// <summary><c>pluginhost conform</c>: checks the rules of the SDK on a built plugin.</summary>
internal static class ConformCommand
{
    private const string OptionPath = "--option";

    public static Command Create(HostPaths? paths = null)
    {
        var name = new Argument<string>("plugin") { Description = "The registered name of the plugin." };
        var folder = new Option<string>("--folder")
        {
            Description = "The folder that holds the plugin's folder.",
            DefaultValueFactory = _ => "plugins",
        };
        var option = new Option<string[]>(OptionPath) { Description = "An option of the plugin, as Name=Value. May be repeated.", DefaultValueFactory = _ => [] };
        var command = new Command("conform", "Check the rules of the SDK on a built plugin. Exits with 1 when one is broken.") { name, folder, option };
        command.SetAction((parsed, _) => RunAsync(
            PluginCatalog.Discover([(paths ?? HostPaths.Current).Resolve(parsed.GetValue(folder)!)]),
            parsed.GetValue(name)!,
            parsed.GetValue(option)!,
            parsed.InvocationConfiguration));
        return command;
    }

    private static async Task<int> RunAsync(PluginCatalog catalog, string name, IReadOnlyList<string> options, InvocationConfiguration console)
    {
        if (catalog.Find(name) is not { } plugin)
            return CommandOptions.WriteErrors(console.Error, [.. catalog.Errors, PluginErrors.Unknown("plugin", name, catalog)]);
        var errors = new List<ConfigurationError>();
        if (plugin.ReadOptions(ReadOptions(options, errors), errors) is not { } values || errors.Count > 0) return CommandOptions.WriteErrors(console.Error, errors);

        var suite = InstalledPlugin.CreateSuite(plugin, values);
        if (suite.Cases.Count == 0)
        {
            await console.Error.WriteLineAsync($"{plugin.Name}: there are no rules yet for a {PluginKind.Describe(plugin.Kinds)}. Nothing was checked.");
            return 1;
        }

        await console.Output.WriteLineAsync($"{plugin.Name} {plugin.Version}, {PluginKind.Describe(plugin.Kinds)}, from {plugin.Folder}");
        var failed = 0;
        foreach (var rule in suite.Cases)
        {
            if (!await PassesAsync(suite, rule, console.Output)) failed++;
        }

        await console.Output.WriteLineAsync($"{suite.Cases.Count - failed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    private static async Task<bool> PassesAsync(ConformanceSuite suite, string rule, TextWriter output)
    {
        var begin = Stopwatch.GetTimestamp();
        var words = rule.Replace('_', ' ');
        try
        {
            await suite.RunAsync(rule);
            await output.WriteLineAsync($"  ok      {words} ({Stopwatch.GetElapsedTime(begin).TotalMilliseconds:0} ms)");
            return true;
        }
        catch (ConformanceException e)
        {
            await output.WriteLineAsync($"  FAILED  {words}: {ChatScreen.RemoveControlCharacters(e.Message)}");
            return false;
        }
    }

    private static OptionsSection ReadOptions(IReadOnlyList<string> options, List<ConfigurationError> errors)
    {
        var values = new JsonObject(OptionsSection.NodeOptions);
        foreach (var option in options)
        {
            if (option.Split('=', 2) is [{ Length: > 0 } name, var value]) values[name] = value;
            else errors.Add(new(OptionPath, $"\"{option}\" is not an option.", "Write it as Name=Value."));
        }

        return new(OptionPath, values, values.Select(v => $"{OptionPath}:{v.Key}").ToHashSet(StringComparer.OrdinalIgnoreCase));
    }
}
