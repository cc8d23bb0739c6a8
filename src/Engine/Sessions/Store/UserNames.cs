using System.Text;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>Which names of users are valid: plugins keep data by them.</summary>
internal static class UserNames
{
    /// <summary>As long as a value of metadata, which may name the user too.</summary>
    public const int MaxLength = MetadataLimits.MaxValueLength;

    public static readonly string Allowed = $"1 to {MaxLength} characters, no control characters (not . or ..)";

    /// <summary>Whether a name follows the rule. Clients and proxies resolve <c>.</c> and <c>..</c> in a path, so such a user could not be deleted.</summary>
    public static bool IsValid(string name) => name.Length is > 0 and <= MaxLength && name is not ("." or "..")
        && name.EnumerateRunes().All(r => !Rune.IsControl(r) && r != Rune.ReplacementChar);
}
