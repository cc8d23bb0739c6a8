using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.OpenAI.Tools;

/// <summary>A custom tool of the caller. Where the model's service has none, it is a function with a text as its argument.</summary>
/// <param name="name">The name.</param>
/// <param name="description">What it does.</param>
/// <param name="members">Its declaration, as the Responses interface has it.</param>
internal sealed class CustomTool(string name, string? description, JsonElement members) : AIFunctionDeclaration
{
    private static readonly JsonElement Schema = JsonElement.Parse("""{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"""u8);

    public override string Name => name;

    public override string Description => description ?? "";

    public override JsonElement JsonSchema => Schema;

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = new Dictionary<string, object?> { [WireTool.Custom] = members };
}
