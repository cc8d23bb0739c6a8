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
        List<RunTool> all = [.. before, .. given];
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (all.TrueForAll(t => names.Add(t.Tool.Name))) return all;
        var required = all.Where(t => !IsOptional(t)).Select(t => t.Tool.Name).ToHashSet(StringComparer.Ordinal);
        names.Clear();
        var kept = all.Where(t => !IsOptional(t) || (!required.Contains(t.Tool.Name) && names.Add(t.Tool.Name))).ToList();
        leftOut = [.. all.Except(kept)];
        return kept;
    }

    private static bool IsOptional(RunTool tool) =>
        tool.Source is not null
        && tool.Tool.AdditionalProperties.TryGetValue(ContextContribution.OptionalTool, out var value)
        && value is true or JsonElement { ValueKind: JsonValueKind.True };
}
