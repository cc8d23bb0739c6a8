using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Access;

/// <summary>Gathers the API keys from where the configuration and the environment say they are.</summary>
internal sealed class KeySources(HostPaths paths, IReadOnlyDictionary<string, string> environment, ICollection<ConfigurationError> errors)
{
    private const string KeyVariable = "PLUGINHOST_API_KEY";
    private const string AdminVariable = "PLUGINHOST_ADMIN_KEY";
    private const string KeysFileVariable = "PLUGINHOST_API_KEYS_FILE";
    private const string KeyPath = "Server:ApiKeys";

    /// <summary>How to give the host API keys, as a sentence.</summary>
    public const string Cure =
        $"Set {KeyVariable} to a key, or {KeysFileVariable} or {KeyPath} "
        + "([{ \"File\": \"<path>\" }] or [{ \"Environment\": \"<name>\" }]) to where keys are, or Server:KeyFile to a file of hashed keys.";

    private readonly List<ApiKey> _keys = [];

    public IReadOnlyList<ApiKey> Read(SectionReader? server)
    {
        foreach (var (item, path) in server?.Items("ApiKeys", "a list of { \"File\": … } and { \"Environment\": … }") ?? [])
            ReadSource(server!, item, path);
        if (environment.GetValueOrDefault(KeyVariable) is { Length: > 0 } key) AddKey(key, Basis, $"environment variable {KeyVariable}");
        if (environment.GetValueOrDefault(AdminVariable) is { Length: > 0 } admin)
            AddKey(admin, Basis with { IsAdmin = true }, $"environment variable {AdminVariable}");
        if (environment.GetValueOrDefault(KeysFileVariable) is { Length: > 0 } file) AddFile(file, Basis, $"environment variable {KeysFileVariable}");
        return _keys;
    }

    private static ApiKey Basis => new(TenantIds.Default, "", IsAdmin: false);

    private void ReadSource(SectionReader reader, JsonNode? item, string path)
    {
        if (item is not JsonObject json)
        {
            // A key that stands in the configuration ends up in version control and in backups.
            errors.Add(new(path, "A key itself may not stand here (its value is not shown).", Cure));
            return;
        }

        var source = reader.At(json, path);
        var file = source.Text("File");
        var name = source.Text("Environment");
        var tenant = source.Text("Tenant");
        var basis = new ApiKey(tenant ?? TenantIds.Default, "", source.Boolean("Admin") ?? false);
        source.Finish();
        if (!TenantIds.IsValid(basis.Tenant)) source.Wrong("Tenant", $"{source.Show("Tenant")} is not a tenant.", $"Allowed are {TenantIds.Allowed}.");
        if (file is not null && name is null) AddFile(file, basis, path);
        else if (file is null && name is not null) AddVariable(name, basis, path);
        else errors.Add(new(path, "The entry needs either File or Environment.", Cure));
    }

    private void AddVariable(string name, ApiKey basis, string path)
    {
        if (environment.GetValueOrDefault(name) is { Length: > 0 } key) AddKey(key, basis, path);
        else errors.Add(new(path, $"The environment variable '{name}' is not set, or empty."));
    }

    private void AddFile(string file, ApiKey basis, string path)
    {
        var full = paths.Resolve(file);
        try
        {
            var lines = File.ReadAllLines(full).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#').ToList();
            if (lines.Count == 0) errors.Add(new(
                path,
                $"The file '{full}' holds no key.",
                "Write one key to a line; empty lines and lines that begin with # are passed over."));
            for (var i = 0; i < lines.Count; i++) AddKey(lines[i], basis, $"{path} ({full}, key {i + 1})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(new(path, $"The file of API keys cannot be read: {e.Message}"));
        }
    }

    private void AddKey(string key, ApiKey basis, string path)
    {
        if (!ApiKey.IsSendable(key))
        {
            errors.Add(new(
                path,
                "The key cannot be sent in a header (its value is not shown).",
                "Allowed are ASCII letters, digits and signs, without spaces."));
            return;
        }

        var added = ApiKey.Of(key, basis.Tenant, basis.IsAdmin);
        if (_keys.Find(k => k.Hash == added.Hash) is not { } known) _keys.Add(added);
        else if (known != added) errors.Add(new(path, "The key is given twice, for different tenants or rights (its value is not shown).", "Give each its own key."));
    }
}
