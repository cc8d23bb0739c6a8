using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>What options refer to outside of the configuration: files by path, and environment variables.</summary>
internal sealed class OptionSources(HostPaths paths, IReadOnlyDictionary<string, string> environment)
{
    // A secret is a line or a certificate; a larger file was named by mistake.
    private const int MaxBytes = 64 * 1024;

    private readonly HashSet<ConfigurationError> _warnings = [];

    public const string SecretForms = "Write the text, { \"File\": \"<path>\" } or { \"Environment\": \"<name>\" }.";

    public static OptionSources None { get; } = new(HostPaths.Current, new Dictionary<string, string>());

    public HostPaths Paths => paths;

    /// <summary>What an operator should know about the files that were read.</summary>
    public IReadOnlyCollection<ConfigurationError> Warnings => _warnings;

    /// <summary>Reads a secret; null, with an error that does not show it, when that fails.</summary>
    public Secret? ReadSecret(string path, JsonNode? node, ICollection<ConfigurationError> errors)
    {
        var (value, error) = node switch
        {
            JsonValue text when text.TryGetValue(out string? given) => (given, "The secret is empty."),
            JsonObject { Count: 1 } source when source["File"] is JsonValue file && file.TryGetValue(out string? name) => ReadFile(path, name),
            JsonObject { Count: 1 } source when source["Environment"] is JsonValue variable && variable.TryGetValue(out string? name) =>
                (environment.GetValueOrDefault(name), $"The environment variable '{name}' is not set, or empty."),
            _ => (null, "This is not a secret (its value is not shown)."),
        };
        if (value is { Length: > 0 }) return new Secret(value);
        errors.Add(new(path, error, SecretForms));
        return null;
    }

    private (string? Value, string Error) ReadFile(string path, string name)
    {
        if (name.Length == 0) return (null, "The secret's file has no name.");
        var file = paths.Resolve(name);
        try
        {
            if (new FileInfo(file).Length > MaxBytes) return (null, $"The secret's file '{file}' has more than {MaxBytes} bytes.");
            var text = File.ReadAllText(file);
            if (SecretFile.WarnOfReaders(path, file) is { } warning) _warnings.Add(warning);
            return (text.EndsWith('\n') ? text[..^(text.EndsWith("\r\n", StringComparison.Ordinal) ? 2 : 1)] : text, $"The secret's file '{file}' is empty.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"The secret's file cannot be read: {e.Message}");
        }
    }
}
