using System.Security.Cryptography;
using System.Text;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>An API key as the host keeps it: its hash, not the key itself. Immutable.</summary>
/// <param name="Tenant">The tenant that the key belongs to.</param>
/// <param name="Hash">The SHA-256 of the key's UTF-8, 64 hexadecimal digits in lower case.</param>
/// <param name="IsAdmin">Whether it opens the admin endpoints.</param>
internal sealed record ApiKey(string Tenant, string Hash, bool IsAdmin)
{
    /// <summary>A key of the default tenant without the admin right.</summary>
    public static implicit operator ApiKey(string key) => FromString(key);

    public static ApiKey FromString(string key) => Create(key, TenantIds.Default, isAdmin: false);

    public static ApiKey Create(string key, string tenant, bool isAdmin) =>
        new(tenant, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))), isAdmin);

    /// <summary>Whether a key can be sent in a header.</summary>
    public static bool IsSendable(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Length > 0 && key.All(c => c is > ' ' and <= '~');
    }
}

/// <summary>A place where plain API keys are: either a file or an environment variable.</summary>
internal sealed record ApiKeySource : Settings
{
    /// <summary>A file with one key to a line.</summary>
    public string? File { get; init; }

    /// <summary>An environment variable with one key.</summary>
    public string? Environment { get; init; }

    /// <summary>The tenant of the keys.</summary>
    public string Tenant { get; init; } = TenantIds.Default;

    /// <summary>Whether the keys open the admin endpoints.</summary>
    public bool Admin { get; init; }
}
