using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>
/// Hides from the tool loop that a tool needs an approval, which the host asks for itself: the loop would ask for one of every call in the
/// same answer of the model.
/// </summary>
internal sealed class UnmarkedTool(AIFunction tool) : DelegatingAIFunction(tool)
{
    public static bool IsMarked(AITool tool) => tool.GetService<ApprovalRequiredAIFunction>() is not null;

    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ApprovalRequiredAIFunction) ? null : base.GetService(serviceType, serviceKey);
}
