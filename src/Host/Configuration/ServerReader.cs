using System.Text.Json.Nodes;

namespace PluginHost.Configuration;

/// <summary>Reads how the host listens, and its API keys.</summary>
internal sealed class ServerReader(HostPaths paths, IReadOnlyDictionary<string, string> environment, List<ConfigurationError> errors)
{
    private const string KeyVariable = "PLUGINHOST_API_KEY";
    private const string KeysFileVariable = "PLUGINHOST_API_KEYS_FILE";
    private const string KeyPath = "Server:ApiKeys";

    /// <summary>How to give the host API keys, as a sentence.</summary>
    public const string KeyCure =
        $"Set {KeyVariable} to a key, or {KeysFileVariable} or {KeyPath} "
        + "([{ \"File\": \"<path>\" }] or [{ \"Environment\": \"<name>\" }]) to where keys are.";

    private readonly List<string> _keys = [];

    public ServerConfiguration Read(SectionReader? reader)
    {
        var defaults = new ServerConfiguration();
        foreach (var (item, path) in reader?.Items("ApiKeys", "a list of { \"File\": … } and { \"Environment\": … }") ?? [])
            ReadSource(reader!, item, path);
        if (environment.GetValueOrDefault(KeyVariable) is { Length: > 0 } key) AddKey(key, $"environment variable {KeyVariable}");
        if (environment.GetValueOrDefault(KeysFileVariable) is { Length: > 0 } file) AddFile(file, $"environment variable {KeysFileVariable}");

        var result = new ServerConfiguration
        {
            Listen = reader?.Texts("Listen") ?? defaults.Listen,
            ApiKeys = [.. _keys.Distinct(StringComparer.Ordinal)],
            MaxBodyBytes = reader?.Int64("MaxBodyBytes", 1024, 1024L * 1024 * 1024) ?? defaults.MaxBodyBytes,
            ShutdownTimeout = reader?.Duration("ShutdownTimeout", TimeSpan.FromHours(1)) ?? defaults.ShutdownTimeout,
        };
        reader?.Finish();
        return result;
    }

    private void ReadSource(SectionReader reader, JsonNode? item, string path)
    {
        if (item is not JsonObject json)
        {
            // A key that stands in the configuration ends up in version control and in backups.
            errors.Add(new(path, "A key itself may not stand here (its value is not shown).", KeyCure));
            return;
        }

        var source = reader.At(json, path);
        var file = source.Text("File");
        var name = source.Text("Environment");
        source.Finish();
        if (file is not null && name is null) AddFile(file, path);
        else if (file is null && name is not null) AddVariable(name, path);
        else errors.Add(new(path, "The entry needs either File or Environment.", KeyCure));
    }

    private void AddVariable(string name, string path)
    {
        if (environment.GetValueOrDefault(name) is { Length: > 0 } key) AddKey(key, path);
        else errors.Add(new(path, $"The environment variable '{name}' is not set, or empty."));
    }

    private void AddFile(string file, string path)
    {
        var full = paths.Resolve(file);
        try
        {
            var lines = File.ReadAllLines(full).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#').ToList();
            if (lines.Count == 0) errors.Add(new(
                path,
                $"The file '{full}' holds no key.",
                "Write one key to a line; empty lines and lines that begin with # are passed over."));
            for (var i = 0; i < lines.Count; i++) AddKey(lines[i], $"{path} ({full}, key {i + 1})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(new(path, $"The file of API keys cannot be read: {e.Message}"));
        }
    }

    private void AddKey(string key, string path)
    {
        if (key.All(c => c is > ' ' and <= '~')) _keys.Add(key);
        else errors.Add(new(
            path,
            "The key cannot be sent in a header (its value is not shown).",
            "Allowed are ASCII letters, digits and signs, without spaces."));
    }
}
