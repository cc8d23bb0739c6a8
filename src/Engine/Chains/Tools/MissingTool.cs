using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>Represents a tool that an earlier attempt of the run called and that no plugin gives any more, so that its recorded results are found.</summary>
internal sealed class MissingTool(string name) : AIFunction
{
    public override string Name => name;

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        new($"The tool '{name}' is not available any more.");
}
