using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Items;

/// <summary>The calls of a run that wait for the caller.</summary>
internal static class CallerCalls
{
    public static IReadOnlyList<FunctionCallContent> Find(RunRecord run)
    {
        if (run.Status != RunStatus.RequiresAction) return [];
        return [.. run.Output.Where(static m => m.Role == ChatRole.Assistant).SelectMany(static m => m.Contents).OfType<FunctionCallContent>().Where(OutputItemList.CallersIn(run.Output))];
    }
}
