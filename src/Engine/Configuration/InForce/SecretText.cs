using System.Text.RegularExpressions;
using PluginHost.Engine.Configuration.Binding;

namespace PluginHost.Engine.Configuration.InForce;

/// <summary>Which texts of a configuration are not shown, although their type says nothing of a secret.</summary>
internal static partial class SecretText
{
    /// <summary>Whether a text sounds like a secret: by its name, or as an address or connection string with a password.</summary>
    public static bool Is(string name, string value)
    {
        if (value.Length == 0) return false;
        // Of a file or a variable, the name is no secret.
        var isPlace = name.EndsWith("File", StringComparison.OrdinalIgnoreCase) || name.EndsWith("Environment", StringComparison.OrdinalIgnoreCase);
        return (!isPlace && Scalar.IsSecret(name)) || name.Equals("Authorization", StringComparison.OrdinalIgnoreCase) || Password().IsMatch(value);
    }

    [GeneratedRegex(@"://[^/@\s]*:[^/@\s]*@|(password|pwd|key|secret|token|signature|\bsig)\s*=|^\s*bearer\s", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Password();
}
