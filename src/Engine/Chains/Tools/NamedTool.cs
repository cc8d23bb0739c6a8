using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>A plugin's tool under the name that its entry gives it.</summary>
internal sealed class NamedTool : DelegatingAIFunction
{
    private NamedTool(AIFunction tool, string name)
        : base(tool) => Name = name;

    public override string Name { get; }

    /// <summary>
    /// The tool as the entry names it, and marked when the entry wants its calls approved; the tool itself when the entry changes nothing or
    /// the host does not run it.
    /// </summary>
    public static AITool Create(AITool tool, EntrySettings entry)
    {
        var named = Rename(tool, entry);
        var isMarked = entry.Approve.Contains("*") || entry.Approve.Contains(tool.Name);
        return isMarked && named is AIFunction function && !UnmarkedTool.IsMarked(named) ? new ApprovalRequiredAIFunction(function) : named;
    }

    private static AITool Rename(AITool tool, EntrySettings entry)
    {
        var name = entry.ToolNames.GetValueOrDefault(tool.Name) ?? entry.ToolPrefix + tool.Name;
        return name != tool.Name && tool is AIFunction function ? new NamedTool(function, name) : tool;
    }
}
