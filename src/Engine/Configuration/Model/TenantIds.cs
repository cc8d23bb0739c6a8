using System.Buffers;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>The rule for names of tenants, whatever their source.</summary>
internal static class TenantIds
{
    /// <summary>The tenant of a host without tenants, and of keys that name none.</summary>
    public const string Default = "default";

    public const int MaxLength = 64;

    /// <summary>The rule in words.</summary>
    public const string Allowed = "1 to 64 characters of A-Z a-z 0-9 . _ - (not . or ..)";

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    public static bool IsValid(string? id) =>
        id is { Length: > 0 and <= MaxLength } and not ("." or "..") && !id.AsSpan().ContainsAnyExcept(Characters);
}
