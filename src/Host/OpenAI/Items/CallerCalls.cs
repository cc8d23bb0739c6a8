using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tools;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Items;

/// <summary>The calls of a run that wait for the caller.</summary>
internal static class CallerCalls
{
    public static IReadOnlyList<FunctionCallContent> Find(RunRecord run)
    {
        if (run.Status != RunStatus.RequiresAction) return [];
        // A set: a model may make any number of calls.
        var open = ToolCallPairing.FindOpen(run.Output).ToHashSet(StringComparer.Ordinal);
        return [.. run.Output.Where(m => m.Role == ChatRole.Assistant).SelectMany(m => m.Contents).OfType<FunctionCallContent>().Where(c => open.Contains(c.CallId))];
    }
}
