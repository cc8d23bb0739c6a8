using System.Collections;
using System.CommandLine;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Sources;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Cli;

/// <summary>What every command takes: <c>--config</c>, and settings <c>--Section:Key=value</c> that go on top of the configuration.</summary>
/// <param name="validateModel">Checks the options of the host's own chat clients.</param>
/// <param name="validateEnvironment">Checks variables that are not part of the configuration, beside what could be read of it.</param>
internal sealed class CommandOptions(
    Func<ModelConfiguration, IEnumerable<ConfigurationError>>? validateModel = null,
    Func<IReadOnlyDictionary<string, string>, HostConfiguration?, IEnumerable<ConfigurationError>>? validateEnvironment = null)
{
    /// <summary>Belongs on the root command; its subcommands have it too.</summary>
    public Option<string?> Config { get; } = new("--config")
    {
        Description = $"The configuration file. Without it: the one that {ConfigurationLoader.FileVariable} names, "
            + "./config/appsettings.json, or the one beside the host.",
        HelpName = "file",
        Recursive = true,
    };

    /// <summary>Finds configuration and plugins for a command whose tokens were parsed.</summary>
    public HostSetup Load(ParseResult parsed, HostPaths? paths = null)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        var environment = ReadEnvironment();
        var setup = HostSetup.Load(parsed.GetValue(Config), environment, parsed.UnmatchedTokens, paths, validateModel);
        return setup with { Errors = [.. setup.Errors, .. validateEnvironment?.Invoke(environment, setup.Loaded.Draft) ?? []] };
    }

    /// <summary>A command that passes unknown options on to the configuration.</summary>
    internal static Command CreateCommand(string name, string description) =>
        new(name, description) { TreatUnmatchedTokensAsErrors = false };

    /// <summary>Writes what is wrong, one thing to a line.</summary>
    internal static void WriteErrors(TextWriter writer, IReadOnlyList<ConfigurationError> errors)
    {
        writer.WriteLine(errors.Count == 1 ? "One thing is wrong:" : $"{errors.Count} things are wrong:");
        foreach (var error in errors) writer.WriteLine($"  - {error}");
    }

    /// <summary>Writes what an operator should know, one thing to a line.</summary>
    internal static void WriteWarnings(TextWriter writer, IReadOnlyList<ConfigurationError> warnings)
    {
        foreach (var warning in warnings) writer.WriteLine($"Warning: {warning}");
    }

    private static Dictionary<string, string> ReadEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(v => (string)v.Key, v => (string?)v.Value ?? "");
}
