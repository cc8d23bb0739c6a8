using System.Buffers;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>Which ids clients may choose for sessions.</summary>
internal static class SessionIds
{
    public const int MaxLength = 128;

    /// <summary>The rule in words.</summary>
    public const string Allowed = "1 to 128 characters of A-Z a-z 0-9 . _ ~ : - (not . or ..)";

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~:-");

    /// <summary>Whether an id follows the rule. Clients and proxies resolve <c>.</c> and <c>..</c> in a path, so such a session could not be reached.</summary>
    public static bool IsValid(string id) =>
        id.Length is > 0 and <= MaxLength && id is not ("." or "..") && !id.AsSpan().ContainsAnyExcept(Characters);
}
