using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>
/// The tools of one run, in the form that the tool loop needs. The loop invokes nothing at all when one message calls a tool of a
/// plugin and one of the caller, so with both kinds the caller's are given to it as functions that end the loop.
/// </summary>
internal sealed class ToolSet
{
    public static readonly ToolSet None = new();

    private static readonly JsonElement NoSchema = JsonElement.Parse("{}"u8);

    private readonly HashSet<string> _marked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RunTool> _tools = new(StringComparer.Ordinal);

    private ToolSet()
    {
    }

    /// <summary>Null when there are none.</summary>
    public IList<AITool>? ForModel { get; private set; }

    /// <summary>The caller's functions that are declared inside of other tools, for the tool loop: the model gets them with those.</summary>
    public IList<AITool>? Inner { get; private set; }

    /// <summary>Whether the host runs any of the tools.</summary>
    public bool HasPluginTools { get; private set; }

    /// <summary>Whether there are tools of both kinds.</summary>
    public bool IsMixed { get; private set; }

    /// <exception cref="PluginException">Two tools of the run have one name.</exception>
    public static ToolSet Create(RunRequest request)
    {
        if (request.Tools.Count == 0) return None;
        var set = new ToolSet();
        foreach (var tool in request.Tools) set.Add(tool);
        set.HasPluginTools = request.Tools.Any(t => t.Source is not null);
        set.IsMixed = set.HasPluginTools && request.Tools.Any(t => t.Source is null);
        if (set.IsMixed) set.Inner = [.. request.Tools.SelectMany(t => InnerFunctions(t.Tool)).Select(set.AddInner).OfType<AITool>()];
        set.ForModel = request.Tools.Select(set.ForLoop).ToList();
        return set;
    }

    /// <summary>The same with the tools that recorded answers call and that are not given any more.</summary>
    public IList<AITool>? InnerWith(IReadOnlyList<IReadOnlyList<ChatResponseUpdate>> answers)
    {
        var missing = answers.SelectMany(a => a).SelectMany(u => u.Contents).OfType<FunctionCallContent>()
            .Select(c => c.Name).Distinct(StringComparer.Ordinal).Where(name => !_tools.ContainsKey(name)).Select(AITool (name) => new MissingTool(name)).ToList();
        return missing.Count == 0 ? Inner : [.. Inner ?? [], .. missing];
    }

    public bool IsCallers(string toolName) => _tools.TryGetValue(toolName, out var tool) && tool.Source is null;

    /// <summary>Whether the run has a tool of this name.</summary>
    public bool IsKnown(string toolName) => _tools.ContainsKey(toolName);

    /// <summary>Whether calls of a tool need an approval.</summary>
    public bool NeedsApproval(string toolName) => _marked.Contains(toolName);

    /// <summary>The plugin that gave a tool; null for the caller's and for unknown tools.</summary>
    public string? SourceOf(string toolName) => _tools.TryGetValue(toolName, out var tool) ? tool.Source : null;

    /// <summary>Takes the loop's own placeholders out of an update: results of the caller's tools, and of calls that wait for an approval.</summary>
    /// <returns>Whether anything is left of it.</returns>
    public bool IsForCaller(ChatResponseUpdate update)
    {
        if ((!IsMixed && _marked.Count == 0) || update.Role != ChatRole.Tool) return true;
        var before = update.Contents.Count;
        update.Contents = update.Contents.Where(c => c is not FunctionResultContent { Result: CallerTool.Placeholder or UndecidedCall }).ToList();
        return before == 0 || update.Contents.Count > 0;
    }

    private AITool ForLoop(RunTool tool) => tool switch
    {
        { Source: null, Tool: AIFunctionDeclaration function } when IsMixed => new CallerTool(function),
        { Tool: AIFunction function } when _marked.Contains(function.Name) => new UnmarkedTool(function),
        _ => tool.Tool,
    };

    private static IReadOnlyList<string> InnerFunctions(AITool tool) =>
        tool.AdditionalProperties.TryGetValue(WireTool.Functions, out var names) && names is IReadOnlyList<string> functions ? functions : [];

    /// <returns>Null when a tool of the run has the name.</returns>
    private CallerTool? AddInner(string name)
    {
        var function = new CallerTool(AIFunctionFactory.CreateDeclaration(name, description: null, NoSchema));
        return _tools.TryAdd(name, new RunTool { Tool = function, Source = null }) ? function : null;
    }

    private void Add(RunTool tool)
    {
        if (_tools.TryAdd(tool.Tool.Name, tool))
        {
            if (tool.Source is not null && UnmarkedTool.IsMarked(tool.Tool)) _marked.Add(tool.Tool.Name);
            return;
        }

        var other = _tools[tool.Tool.Name];
        throw new PluginException(
            tool.Source ?? other.Source ?? "caller",
            nameof(HostOperation.ContextProvide),
            new PluginContractException(
                $"The tool '{tool.Tool.Name}' is given twice, by {Name(other.Source)} and by {Name(tool.Source)}. Give the entry of one a Host:ToolPrefix, or its tool another name in Host:ToolNames."));

        static string Name(string? source) => source is null ? "the caller" : $"plugin '{source}'";
    }
}
