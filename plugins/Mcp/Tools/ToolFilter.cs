namespace PluginHost.Mcp.Tools;

/// <summary>Which tools an entry offers. Patterns name a tool, or a server and a tool; <c>*</c> at the end is for any rest. Immutable.</summary>
internal sealed class ToolFilter(IReadOnlyList<string>? allow, IReadOnlyList<string>? deny)
{
    public bool Allows(string server, string tool) =>
        (allow is null || allow.Any(p => Matches(p, IsQualified(p) ? $"{server}/{tool}" : tool, StringComparison.Ordinal)))
        && deny?.Any(p => IsDenied(p, server, tool)) != true;

    /// <summary>Names of tools may hold a slash. In doubt a tool is denied, in whatever case its server writes it.</summary>
    private static bool IsDenied(string pattern, string server, string tool) =>
        Matches(pattern, tool, StringComparison.OrdinalIgnoreCase)
        || (IsQualified(pattern) && Matches(pattern, $"{server}/{tool}", StringComparison.OrdinalIgnoreCase));

    private static bool IsQualified(string pattern) => pattern.Contains('/', StringComparison.Ordinal);

    private static bool Matches(string pattern, string name, StringComparison comparison) =>
        pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], comparison) : name.Equals(pattern, comparison);
}
