using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>A plugin's tool under the name that its entry gives it.</summary>
internal sealed class NamedTool : DelegatingAIFunction
{
    private NamedTool(AIFunction tool, string name)
        : base(tool) => Name = name;

    public override string Name { get; }

    /// <summary>The tool as the entry names it; the tool itself when the entry leaves its name or the host does not run it.</summary>
    public static AITool Create(AITool tool, EntrySettings entry)
    {
        var name = entry.ToolNames.GetValueOrDefault(tool.Name) ?? entry.ToolPrefix + tool.Name;
        return name != tool.Name && tool is AIFunction function ? new NamedTool(function, name) : tool;
    }
}
