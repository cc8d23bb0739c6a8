using System.Collections;
using System.CommandLine;
using System.Globalization;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Sources;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Cli;

/// <summary>The options of all commands: <c>--config</c>, and <c>--Section:Key=value</c>, which overrides the configuration.</summary>
/// <param name="validateModel">Checks the options of the built-in chat clients.</param>
/// <param name="validateEnvironment">Checks environment variables that are not part of the configuration. The configuration is null when it could not be read.</param>
internal sealed class CommandOptions(
    Func<ModelConfiguration, IEnumerable<ConfigurationError>>? validateModel = null,
    Func<IReadOnlyDictionary<string, string>, HostConfiguration?, IEnumerable<ConfigurationError>>? validateEnvironment = null)
{
    internal const string AgentDescription = "The agent. May be omitted when only one agent is configured.";

    /// <summary>The address that a host listens on by default.</summary>
    internal static string DefaultUrl { get; } = new ServerConfiguration().Listen[0];

    /// <summary>An option of the root command that all subcommands inherit.</summary>
    public Option<string?> Config { get; } = new("--config")
    {
        Description = $"The configuration file. Default: the file in {ConfigurationLoader.FileVariable}, "
            + "./config/appsettings.json, or the file in the folder of the host.",
        HelpName = "file",
        Recursive = true,
    };

    /// <summary>Loads configuration and plugins for a parsed command.</summary>
    /// <param name="parsed">The command.</param>
    /// <param name="paths">The folders that relative paths start from.</param>
    /// <param name="cache">Where plugins are loaded from; null for commands that load none.</param>
    /// <param name="text">What is read instead of the file's text; null to read the file.</param>
    public HostSetup Load(ParseResult parsed, HostPaths? paths = null, PluginCache? cache = null, string? text = null)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return Load(parsed.GetValue(Config), parsed.UnmatchedTokens, paths, cache, text);
    }

    /// <summary>Loads a configuration file with settings of the command line, and plugins.</summary>
    public HostSetup Load(string? file, IReadOnlyList<string> settings, HostPaths? paths, PluginCache? cache, string? text = null)
    {
        var environment = ReadEnvironment();
        var setup = HostSetup.Load(file, environment, settings, paths, validateModel, cache, text);
        return setup with { Errors = [.. setup.Errors, .. validateEnvironment?.Invoke(environment, setup.Loaded.Draft) ?? []] };
    }

    /// <summary>Creates a command that treats unknown options as settings of the configuration.</summary>
    internal static Command CreateCommand(string name, string description) =>
        new(name, description) { TreatUnmatchedTokensAsErrors = false };

    /// <summary>Creates an option for the address of a running host. The default is where a host with this environment and its file listens.</summary>
    internal static Option<string> CreateUrlOption() => new("--url")
    {
        Description = "The address of the host: http://host:port or unix:/path.",
        DefaultValueFactory = _ => ConfigurationLoader.FindAddress(ReadEnvironment()) ?? DefaultUrl,
    };

    /// <summary>Creates an option for a whole number with bounds. Text that is no such number is an error that names the bounds.</summary>
    internal static Option<int> CreateNumberOption(string name, string description, int defaultValue, int min, int max) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max) return number;
            result.AddError($"{name} must be a whole number from {min} to {max}.");
            return defaultValue;
        },
    };

    /// <summary>Writes errors, one per line.</summary>
    /// <returns>The exit code 1.</returns>
    internal static int WriteErrors(TextWriter writer, IReadOnlyList<ConfigurationError> errors)
    {
        writer.WriteLine(errors.Count == 1 ? "1 error:" : $"{errors.Count} errors:");
        foreach (var error in errors) writer.WriteLine($"  - {error}");
        return 1;
    }

    /// <summary>Writes warnings, one per line.</summary>
    internal static void WriteWarnings(TextWriter writer, IReadOnlyList<ConfigurationError> warnings)
    {
        foreach (var warning in warnings) writer.WriteLine($"Warning: {warning}");
    }

    private static Dictionary<string, string> ReadEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(v => (string)v.Key, v => (string?)v.Value ?? "");
}
