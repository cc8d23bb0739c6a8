using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Checks the levels of .NET's section for logging, which .NET itself rejects only while the host is put together.</summary>
internal static class LoggingValidator
{
    private const string Levels = "LogLevel";

    public static void Validate(OptionsSection logging, List<ConfigurationError> errors)
    {
        // Logging:LogLevel:<category>, and Logging:<provider>:LogLevel:<category>.
        foreach (var (path, value) in logging.Flatten().Where(v => v.Key.Split(':').Skip(1).SkipLast(1).Contains(Levels, StringComparer.OrdinalIgnoreCase)))
        {
            if (string.IsNullOrEmpty(value) || Enum.TryParse<LogLevel>(value, ignoreCase: true, out _)) continue;
            var levels = Enum.GetNames<LogLevel>();
            errors.Add(new(path, $"'{value}' is not a level.{Spelling.DidYouMean(value, levels)}", $"Allowed are {string.Join(", ", levels)}."));
        }
    }
}
