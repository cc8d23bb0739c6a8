using System.Buffers;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Tools;

/// <summary>Checks the names of the caller's tools.</summary>
internal static class ToolNames
{
    private const int Most = 128;
    private const int Longest = 64;

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    public static void CheckName(BodyReader tool, string name)
    {
        if (name.Length is 0 or > Longest || name.AsSpan().ContainsAnyExcept(Characters))
            tool.Errors.Add(tool.PathOf("name"), "This is not a valid name of a function.", $"1 to {Longest} of A-Z a-z 0-9 _ -");
    }

    public static void CheckList(BodyReader body, IReadOnlyList<AITool> tools)
    {
        if (tools.Count > Most) body.Errors.Add(body.PathOf("tools"), $"There are {tools.Count} tools.", $"at most {Most}");
        foreach (var twice in tools.GroupBy(t => t.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            body.Errors.Add(body.PathOf("tools"), $"The name '{twice.Key}' stands {twice.Count()} times.", "names that differ");
    }
}
