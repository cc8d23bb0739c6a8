using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Sources;

/// <summary>A value that came as text, from the environment or the command line.</summary>
/// <param name="Segments">The path, as given.</param>
/// <param name="Value">The text.</param>
/// <param name="Source">The variable or the option.</param>
internal sealed record TextSetting(IReadOnlyList<string> Segments, string Value, ValueSource Source)
{
    /// <summary>The path of errors about arguments that are no settings.</summary>
    public const string CommandLine = "command line";

    /// <summary>
    /// Begins the names of variables that count only where the file has nothing, as those of the container image:
    /// <c>PLUGINHOST_DEFAULT__Server__Listen__0</c>.
    /// </summary>
    public const string DefaultPrefix = "PLUGINHOST_DEFAULT__";

    public string Path => string.Join(':', Segments);

    /// <summary>
    /// Settings of the environment. A name counts only when its first segment is a root section and a second follows: a
    /// <c>SERVER</c> of another program is ignored.
    /// </summary>
    /// <param name="environment">The environment variables.</param>
    /// <param name="prefix">What the names of the settings begin with: nothing, or <see cref="DefaultPrefix"/>.</param>
    public static IEnumerable<TextSetting> FromEnvironment(IReadOnlyDictionary<string, string> environment, string prefix = "") =>
        from variable in environment
        where variable.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        let segments = variable.Key[prefix.Length..].Split("__")
        where segments.Length > 1 && IsRoot(segments[0])
        select new TextSetting(segments, variable.Value, new ValueSource(ValueOrigin.Environment, variable.Key));

    /// <summary>Settings of the command line: <c>--Key:Path=value</c> or <c>--Key:Path value</c>.</summary>
    public static IReadOnlyList<TextSetting> FromArguments(IReadOnlyList<string> arguments, List<ConfigurationError> errors)
    {
        var settings = new List<TextSetting>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? argument : argument[..equals];
            if (!key.StartsWith("--", StringComparison.Ordinal) || !IsRoot(key[2..].Split(':')[0]))
                errors.Add(new(CommandLine, $"'{key}' is not known.", $"Settings are written --Section:Key=value; sections are {string.Join(", ", HostConfiguration.Sections)}."));
            else if (equals >= 0)
                settings.Add(new(key[2..].Split(':'), argument[(equals + 1)..], new ValueSource(ValueOrigin.CommandLine, key)));
            else if (i + 1 < arguments.Count)
                settings.Add(new(key[2..].Split(':'), arguments[++i], new ValueSource(ValueOrigin.CommandLine, key)));
            else
                errors.Add(new(CommandLine, $"'{key}' has no value.", $"Write {key}=value."));
        }

        return settings;
    }

    /// <summary>Whether this is a root section of the configuration.</summary>
    public static bool IsRoot(string name) => HostConfiguration.Sections.Contains(name, StringComparer.OrdinalIgnoreCase);
}
