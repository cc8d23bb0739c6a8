using System.CommandLine;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using PluginHost.Cli.Remote;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Sdk.Testing.Conformance;

namespace PluginHost.Cli.Authors;

/// <summary><c>pluginhost conform</c>: checks the rules of the SDK on a built plugin.</summary>
internal sealed class ConformCommand
{
    private const string OptionPath = "--option", SignPath = "--sign";

    private readonly Argument<string> _name = new("plugin") { Description = "The registered name of the plugin." };

    private readonly Option<string> _folder = new("--folder")
    {
        Description = "The folder that holds the plugin's folder.",
        DefaultValueFactory = _ => "plugins",
    };

    private readonly Option<string[]> _option = new(OptionPath)
    {
        Description = "An option of the plugin, as Name=Value. May be repeated.",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> _report = new("--report") { Description = "Write a report, bound to the plugin's files by their hashes, into the plugin's folder." };

    private readonly Option<string?> _sign = new(SignPath)
    {
        Description = "Write a report and sign it with the private EC key in this PEM file, for hosts with PluginTrust:ConformanceKeys.",
        HelpName = "file",
    };

    private readonly HostPaths _paths;

    private ConformCommand(HostPaths paths) => _paths = paths;

    public static Command Create(HostPaths? paths = null)
    {
        var conform = new ConformCommand(paths ?? HostPaths.Current);
        var command = new Command("conform", "Check the rules of the SDK on a built plugin. Exits with 1 when one is broken.")
        {
            conform._name, conform._folder, conform._option, conform._report, conform._sign,
        };
        command.SetAction((parsed, _) => conform.RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var console = parsed.InvocationConfiguration;
        var (catalog, name) = (PluginCatalog.Discover([_paths.Resolve(parsed.GetValue(_folder)!)]), parsed.GetValue(_name)!);
        if (catalog.Find(name) is not { } plugin)
            return CommandOptions.WriteErrors(console.Error, [.. catalog.Errors, PluginErrors.Unknown("plugin", name, catalog)]);
        var errors = new List<ConfigurationError>();
        var values = plugin.ReadOptions(ReadOptions(parsed.GetValue(_option)!, errors), errors);
        using var key = parsed.GetValue(_sign) is { } file ? ReadKey(_paths.Resolve(file), errors) : null;
        if (values is null || errors.Count > 0) return CommandOptions.WriteErrors(console.Error, errors);

        var suite = InstalledPlugin.CreateSuite(plugin, values);
        if (suite.Cases.Count == 0)
        {
            await console.Error.WriteLineAsync($"{plugin.Name}: there are no rules yet for a {PluginKind.Describe(plugin.Kinds)}. Nothing was checked.");
            return 1;
        }

        var report = await CheckAsync(plugin, suite, console.Output);
        if ((parsed.GetValue(_report) || key is not null) && Write(plugin, report, key, console) is { } error) return CommandOptions.WriteErrors(console.Error, [error]);
        return report.Failed.Count == 0 ? 0 : 1;
    }

    private static ConfigurationError? Write(PluginDescriptor plugin, ConformanceReport report, ECDsa? key, InvocationConfiguration console)
    {
        try
        {
            console.Output.WriteLine(ConformanceFiles.Write(plugin, report, key));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(plugin.Folder, $"The report cannot be written: {e.Message}", "Check the folder's permissions.");
        }
    }

    private static async Task<ConformanceReport> CheckAsync(PluginDescriptor plugin, ConformanceSuite suite, TextWriter output)
    {
        await output.WriteLineAsync($"{plugin.Name} {plugin.Version}, {PluginKind.Describe(plugin.Kinds)}, from {plugin.Folder}");
        // Before the checks: a file that changes meanwhile does not fit the report.
        var files = PluginFiles.Hash(plugin.Folder).ToDictionary(f => f.Name, f => f.Sha256);
        var (passed, failed) = (new List<string>(), new Dictionary<string, string>());
        foreach (var rule in suite.Cases)
        {
            if (await FindDefectAsync(suite, rule, output) is { } defect) failed[rule] = defect;
            else passed.Add(rule);
        }

        await output.WriteLineAsync($"{passed.Count} passed, {failed.Count} failed");
        return new() { Plugin = plugin.Name, Version = plugin.Version, CheckedAt = TimeProvider.System.GetUtcNow(), Files = files, Passed = passed, Failed = failed };
    }

    /// <summary>What breaks a rule; null when the plugin keeps it.</summary>
    private static async Task<string?> FindDefectAsync(ConformanceSuite suite, string rule, TextWriter output)
    {
        var begin = Stopwatch.GetTimestamp();
        var words = rule.Replace('_', ' ');
        try
        {
            await suite.RunAsync(rule);
            await output.WriteLineAsync($"  ok      {words} ({Stopwatch.GetElapsedTime(begin).TotalMilliseconds:0} ms)");
            return null;
        }
        catch (ConformanceException e)
        {
            var defect = ChatScreen.RemoveControlCharacters(e.Message);
            await output.WriteLineAsync($"  FAILED  {words}: {defect}");
            return defect;
        }
    }

    private static ECDsa? ReadKey(string file, List<ConfigurationError> errors)
    {
        try
        {
            var key = ConformanceCheck.ReadKey(file);
            // Reject a public key before the checks run.
            _ = ConformanceCheck.Sign([], key);
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            errors.Add(new(SignPath, $"'{file}' holds no private key: {e.Message}", "Name a PEM file with a private EC key, as 'openssl genpkey -algorithm EC' writes it."));
            return null;
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
