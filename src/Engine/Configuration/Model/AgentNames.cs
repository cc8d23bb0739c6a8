namespace PluginHost.Engine.Configuration.Model;

/// <summary>The rule for names of agents and entries.</summary>
internal static class AgentNames
{
    public const string Pattern = "[A-Za-z0-9._-]{1,64}";

    /// <summary>The rule for people.</summary>
    public const string Allowed = "1 to 64 ASCII letters, digits, dots, underscores and hyphens";

    public const string AliasPattern = @"(?=.)[!-)+-~]{0,128}\*?";

    public const string AllowedAliases = "up to 128 visible ASCII characters, and an asterisk at the end for every name that begins so";

    /// <summary>Whether a name is, or begins like, an alias.</summary>
    public static bool Covers(string alias, string name) =>
        alias[^1] == '*' ? name.AsSpan().StartsWith(alias.AsSpan(0, alias.Length - 1), StringComparison.Ordinal) : alias == name;
}
