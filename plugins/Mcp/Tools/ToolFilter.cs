namespace PluginHost.Mcp.Tools;

/// <summary>Which tools an entry offers. Patterns name a tool, or a server and a tool; <c>*</c> at the end is for any rest. Immutable.</summary>
internal sealed class ToolFilter(IReadOnlyList<string>? allow, IReadOnlyList<string>? deny)
{
    public bool Allows(string server, string tool) =>
        (allow is null || allow.Any(p => Matches(p, server, tool))) && deny?.Any(p => Matches(p, server, tool)) != true;

    private static bool Matches(string pattern, string server, string tool)
    {
        var name = pattern.Contains('/', StringComparison.Ordinal) ? $"{server}/{tool}" : tool;
        return pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : name == pattern;
    }
}
