using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.OpenAI.Tools;

/// <summary>A function that the caller answers itself: a declaration, never invoked by the host.</summary>
/// <param name="name">The name.</param>
/// <param name="description">What it does; may be empty.</param>
/// <param name="schema">The JSON schema of its arguments.</param>
/// <param name="strict">Whether the model must keep to the schema; null when the caller does not say.</param>
internal sealed class CallerFunction(string name, string? description, JsonElement schema, bool? strict) : AIFunctionDeclaration
{
    public override string Name => name;

    public override string Description => description ?? "";

    public override JsonElement JsonSchema => schema;

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = Strictness.Properties(strict);
}
