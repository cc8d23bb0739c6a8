using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.OpenAI.Responses;

namespace PluginHost.OpenAI.Tools;

/// <summary>A custom tool of the caller. Where the model's service has none, it is a function with a text as its argument.</summary>
internal sealed class CustomTool(ResponseCustomBody tool, JsonElement sent) : AIFunctionDeclaration
{
    private static readonly JsonElement Schema = JsonElement.Parse("""{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"""u8);

    public override string Name => tool.Name;

    public override string Description => tool.Description ?? "";

    public override JsonElement JsonSchema => Schema;

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = new Dictionary<string, object?> { [WireTool.Custom] = OpenMembers.WithoutType(sent) };
}
