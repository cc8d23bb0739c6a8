using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>Represents a tool of the caller inside the tool loop. A call of it ends the loop, and the caller gets the call.</summary>
internal sealed class CallerTool(AIFunctionDeclaration tool) : AIFunction
{
    public override string Name => tool.Name;

    public override string Description => tool.Description;

    public override JsonElement JsonSchema => tool.JsonSchema;

    public override JsonElement? ReturnJsonSchema => tool.ReturnJsonSchema;

    public override IReadOnlyDictionary<string, object?> AdditionalProperties => tool.AdditionalProperties;

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        new(new Placeholder());

    /// <summary>The result that the loop gets; it never leaves the host.</summary>
    internal sealed class Placeholder;
}
