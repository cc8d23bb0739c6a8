using System.Text.Json;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>Leaves tools that allow it out of a run where another tool has their name. The first of two such tools stays.</summary>
internal static class OptionalTools
{
    /// <param name="before">The tools of the run so far.</param>
    /// <param name="given">Those that a plugin adds.</param>
    /// <param name="leftOut">Those of both that the result leaves out.</param>
    public static IReadOnlyList<RunTool> Add(IReadOnlyList<RunTool> before, IReadOnlyList<RunTool> given, out IReadOnlyList<RunTool> leftOut)
    {
        leftOut = [];
        var names = before.Select(t => t.Tool.Name).ToHashSet(StringComparer.Ordinal);
        if (!given.Any(t => names.Contains(t.Tool.Name))) return [.. before, .. given];
        var kept = given.Where(t => !Is(t) || !names.Contains(t.Tool.Name)).ToList();
        var added = kept.Select(t => t.Tool.Name).ToHashSet(StringComparer.Ordinal);
        List<RunTool> result = [.. before.Where(t => !Is(t) || !added.Contains(t.Tool.Name)), .. kept];
        if (result.Count < before.Count + given.Count) leftOut = [.. before.Concat(given).Except(result)];
        return result;
    }

    private static bool Is(RunTool tool) =>
        tool.Source is not null
        && tool.Tool.AdditionalProperties.TryGetValue(ContextContribution.OptionalTool, out var value)
        && value is true or JsonElement { ValueKind: JsonValueKind.True };
}
