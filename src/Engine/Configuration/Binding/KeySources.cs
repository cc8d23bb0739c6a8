using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Reads the plain API keys from the files and variables that the configuration and the environment name.</summary>
/// <param name="paths">The folders that relative paths start from.</param>
/// <param name="environment">The environment variables.</param>
/// <param name="isPublic">Whether other machines can reach the host, and so try keys.</param>
/// <param name="errors">Takes the errors.</param>
/// <param name="warnings">Takes the warnings.</param>
internal sealed class KeySources(
    HostPaths paths, IReadOnlyDictionary<string, string> environment, bool isPublic, List<ConfigurationError> errors, List<ConfigurationError> warnings)
{
    /// <summary>The least length of a key that other machines can try.</summary>
    private const int MinLength = 8;

    private const string KeyVariable = "PLUGINHOST_API_KEY";
    private const string AdminVariable = "PLUGINHOST_ADMIN_KEY";
    private const string KeysFileVariable = "PLUGINHOST_API_KEYS_FILE";

    /// <summary>How to give the host API keys, as a sentence.</summary>
    public const string Cure =
        $"Set {KeyVariable} to a key, or {KeysFileVariable} or Server:ApiKeys "
        + "([{ \"File\": \"<path>\" }] or [{ \"Environment\": \"<name>\" }]) to where keys are, or Server:KeyFile to a file of hashed keys.";

    private readonly List<ApiKey> _keys = [];

    public IReadOnlyList<ApiKey> Read(IReadOnlyList<ApiKeySource> sources)
    {
        foreach (var source in sources) Read(source);
        var basis = new ApiKeySource();
        if (Variable(KeyVariable) is { } key) AddKey(key, basis, $"environment variable {KeyVariable}");
        if (Variable(AdminVariable) is { } admin) AddKey(admin, basis with { Admin = true }, $"environment variable {AdminVariable}");
        if (Variable(KeysFileVariable) is { } file) AddFile(file, basis, $"environment variable {KeysFileVariable}");
        return _keys;
    }

    private string? Variable(string name) => environment.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    private void Read(ApiKeySource source)
    {
        if (!TenantIds.IsValid(source.Tenant))
            errors.Add(new($"{source.Path}:{nameof(source.Tenant)}", $"\"{source.Tenant}\" is not a tenant.", $"Allowed are {TenantIds.Allowed}."));
        if (source.File is null == source.Environment is null) errors.Add(new(source.Path, "The entry needs either File or Environment.", Cure));
        else if (source.File is { } file) AddFile(file, source, source.Path);
        else if (Variable(source.Environment!) is { } key) AddKey(key, source, source.Path);
        else errors.Add(new(source.Path, $"The environment variable '{source.Environment}' is not set, or empty."));
    }

    private void AddFile(string file, ApiKeySource source, string path)
    {
        var full = paths.Resolve(file);
        try
        {
            var lines = File.ReadAllLines(full).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#').ToList();
            if (lines.Count == 0)
                errors.Add(new(path, $"The file '{full}' holds no key.", "Write one key to a line; empty lines and lines that begin with # are skipped."));
            if (SecretFile.WarnOfReaders(path, full) is { } warning) warnings.Add(warning);
            for (var i = 0; i < lines.Count; i++) AddKey(lines[i], source, $"{path} ({full}, key {i + 1})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(new(path, $"The file of API keys cannot be read: {e.Message}"));
        }
    }

    private void AddKey(string key, ApiKeySource source, string path)
    {
        var added = ApiKey.Create(key, source.Tenant, source.Admin);
        if (!ApiKey.IsSendable(key))
            errors.Add(new(path, "The key cannot be sent in a header (its value is not shown).", "Allowed are ASCII letters, digits and signs, without spaces."));
        else if (_keys.Find(k => k.Hash == added.Hash) is not { } known)
            _keys.Add(added);
        else if (known != added)
            errors.Add(new(path, "The key is given twice, for different tenants or rights (its value is not shown).", "Give each a separate key."));
        if (isPublic && key.Length < MinLength)
            errors.Add(new(path, $"The key has fewer than {MinLength} characters, and other machines can reach the host (its value is not shown).", "Use a long random key, for example: openssl rand -hex 32"));
    }
}
