using System.Diagnostics;

namespace PluginHost.Sdk;

/// <summary>
/// An option whose value is never shown: a password, a key, a connection string. The configuration gives it as text, as
/// <c>{ "File": "path" }</c> or as <c>{ "Environment": "VARIABLE" }</c>. The host reads file and variable when it starts and at each
/// reload; a line break at the end of a file is dropped. Immutable.
/// </summary>
[DebuggerDisplay("(hidden)")]
public sealed class Secret
{
    private readonly string _value;

    /// <summary>Creates a secret, for tests of plugins.</summary>
    /// <param name="value">The value, not empty.</param>
    public Secret(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        _value = value;
    }

    /// <summary>The value. A method, so that nothing that lists properties shows it. Do not log it.</summary>
    /// <returns>The value, not empty.</returns>
    public string Reveal() => _value;

    /// <summary>Does not show the value.</summary>
    /// <returns><c>(hidden)</c>.</returns>
    public override string ToString() => "(hidden)";
}
