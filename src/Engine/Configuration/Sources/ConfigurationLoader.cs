using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Sources;

/// <summary>Reads the configuration: one file, the environment on top, the command line on top of both.</summary>
internal static class ConfigurationLoader
{
    /// <summary>The environment variable that names the file.</summary>
    public const string FileVariable = "PLUGINHOST_CONFIG";

    private static readonly string FileName = Path.Combine("config", "appsettings.json");

    /// <summary>Reads and checks everything that can be checked without looking at plugins.</summary>
    /// <param name="path">The file of <c>--config</c>; null when it is not given.</param>
    /// <param name="environment">The environment variables.</param>
    /// <param name="arguments">Settings of the command line, <c>--Section:Key=value</c>.</param>
    /// <param name="paths">The folders that relative paths start from; the process's unless given.</param>
    /// <param name="text">What is read instead of the file's text; null to read the file.</param>
    public static LoadResult Load(
        string? path,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyList<string> arguments,
        HostPaths? paths = null,
        string? text = null)
    {
        paths ??= HostPaths.Current;
        var errors = new List<ConfigurationError>();
        var file = FindFile(path, environment, paths, errors);
        text = file is null ? null : text ?? JsonFile.ReadText(file, errors);
        var root = text is null ? null : JsonFile.Parse(file!, text, errors);
        if (root is null) return new(null, errors, file);

        var overlay = ApplyEnvironment(root, environment, errors);
        overlay.Apply(TextSetting.FromArguments(arguments, errors));
        var textPaths = new HashSet<string>(overlay.Sources.Keys, StringComparer.OrdinalIgnoreCase);
        var section = new OptionsSection("", root, textPaths);
        var warnings = new List<ConfigurationError>();
        var configuration = new HostReader(paths, environment, errors, warnings).Read(section);
        ConfigurationValidator.Validate(configuration, errors);
        // A wrong default of the Plugins section is found once for each entry of the plugin.
        return new(configuration, [.. errors.Distinct().Select(e => WithOrigin(e, overlay.Sources))], file)
        {
            Warnings = warnings,
            Root = section,
            Text = new ConfigurationText(file!, text!, overlay.Sources),
        };
    }

    /// <summary>The first address that a host with this environment and its file listens on; null when neither names one. Checks nothing.</summary>
    /// <param name="environment">The environment variables.</param>
    /// <param name="paths">The folders that relative paths start from; the process's unless given.</param>
    public static string? FindAddress(IReadOnlyDictionary<string, string> environment, HostPaths? paths = null)
    {
        List<ConfigurationError> ignored = [];
        var file = FindFile(null, environment, paths ?? HostPaths.Current, ignored);
        var text = file is null ? null : JsonFile.ReadText(file, ignored);
        var root = (text is null ? null : JsonFile.Parse(file!, text, ignored)) ?? new JsonObject(OptionsSection.NodeOptions);
        ApplyEnvironment(root, environment, ignored);
        var listen = (root[nameof(HostConfiguration.Server)] as JsonObject)?[nameof(ServerConfiguration.Listen)] as JsonArray;
        return listen is { Count: > 0 } && listen[0] is JsonValue first && first.TryGetValue<string>(out var address) ? address : null;
    }

    private static TextOverlay ApplyEnvironment(JsonObject root, IReadOnlyDictionary<string, string> environment, List<ConfigurationError> errors)
    {
        var overlay = new TextOverlay(root, errors);
        overlay.ApplyDefaults(TextSetting.FromEnvironment(environment, TextSetting.DefaultPrefix));
        overlay.Apply(TextSetting.FromEnvironment(environment));
        return overlay;
    }

    private static string? FindFile(
        string? path,
        IReadOnlyDictionary<string, string> environment,
        HostPaths paths,
        List<ConfigurationError> errors)
    {
        var (named, by) = path is not null ? (path, "--config") : (environment.GetValueOrDefault(FileVariable), FileVariable);
        if (!string.IsNullOrEmpty(named))
        {
            var file = paths.Resolve(named);
            if (File.Exists(file)) return file;
            errors.Add(new(file, $"There is no such file, but {by} names it."));
            return null;
        }

        string[] places = [paths.Resolve(FileName), Path.GetFullPath(FileName, paths.BaseDirectory)];
        if (Array.Find(places, File.Exists) is { } found) return found;
        errors.Add(new(
            "configuration",
            $"There is no configuration file. Looked for {string.Join(" and ", places.Distinct())}.",
            $"Name one with --config <file> or with the environment variable {FileVariable}."));
        return null;
    }

    // Tells the user to look for the value of an environment variable elsewhere than in the file.
    private static ConfigurationError WithOrigin(ConfigurationError error, IReadOnlyDictionary<string, ValueSource> origins) =>
        origins.TryGetValue(error.Path, out var origin) ? error with { Message = $"{error.Message} (From {origin}.)" } : error;
}
