using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Tools;

/// <summary>A function of the caller, as requests declare it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Description">What it does.</param>
/// <param name="Parameters">The JSON schema of its arguments; null when it has none.</param>
/// <param name="Strict">Whether the model must keep to the schema; null when the caller does not say.</param>
internal record FunctionBody([FunctionName] string Name, string? Description = null, [AnyObject] JsonElement? Parameters = null, bool? Strict = null)
{
    public AITool ToTool() => new CallerFunction(this);
}

/// <summary>A function that the caller answers itself: a declaration, never invoked by the host.</summary>
internal sealed class CallerFunction(FunctionBody function) : AIFunctionDeclaration
{
    /// <summary>The property by which a chat client learns that a schema must be kept to. The client of OpenAI's interface knows it.</summary>
    public const string Strict = "strict";

    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}"""u8);

    public override string Name => function.Name;

    public override string Description => function.Description ?? "";

    public override JsonElement JsonSchema { get; } = function.Parameters ?? NoParameters;

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } =
        function.Strict is { } strict ? new Dictionary<string, object?> { [Strict] = strict } : [];
}
