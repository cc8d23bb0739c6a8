using System.Text;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>Which names of users are valid: plugins keep data by them.</summary>
internal static class UserNames
{
    /// <summary>As long as a value of metadata, which may name the user too.</summary>
    public const int MaxLength = MetadataLimits.MaxValueLength;

    public static readonly string Allowed = $"1 to {MaxLength} characters, no control characters";

    public static bool IsValid(string name) => name.Length is > 0 and <= MaxLength && name.EnumerateRunes().All(r => !Rune.IsControl(r) && r != Rune.ReplacementChar);
}
