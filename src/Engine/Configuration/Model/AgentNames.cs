namespace PluginHost.Engine.Configuration.Model;

/// <summary>The rule for names of agents and entries.</summary>
internal static class AgentNames
{
    public const string Pattern = "[A-Za-z0-9._-]{1,64}";

    /// <summary>The rule for people.</summary>
    public const string Allowed = "1 to 64 ASCII letters, digits, dots, underscores and hyphens";
}
