using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Tools;

/// <summary>A function of the caller, as requests declare it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Description">What it does.</param>
/// <param name="Parameters">The JSON schema of its arguments; null when it has none.</param>
/// <param name="Strict">Whether the model must keep to the schema; null when the caller does not say.</param>
internal record FunctionBody([FunctionName] string Name, string? Description = null, [AnyObject] JsonElement? Parameters = null, bool? Strict = null) : IOpenBody
{
    public IReadOnlyDictionary<string, JsonElement>? Others { get; set; }

    /// <param name="sent">The declaration as it was sent; a member <c>type</c> in it is not part of it.</param>
    /// <param name="members">What was sent around it.</param>
    public AITool ToTool(JsonElement? sent, IReadOnlyDictionary<string, JsonElement>? members = null) => new CallerFunction(this, sent, members);
}

/// <summary>A function that the caller answers itself: a declaration, never invoked by the host.</summary>
internal sealed class CallerFunction(FunctionBody function, JsonElement? sent = null, IReadOnlyDictionary<string, JsonElement>? members = null) : AIFunctionDeclaration
{
    /// <summary>The property by which a chat client learns that a schema must be kept to. The client of OpenAI's interface knows it.</summary>
    public const string Strict = "strict";

    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}"""u8);

    public override string Name => function.Name;

    public override string Description => function.Description ?? "";

    public override JsonElement JsonSchema { get; } = function.Parameters ?? NoParameters;

    public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } = PropertiesOf(function, sent, members);

    private static Dictionary<string, object?> PropertiesOf(FunctionBody function, JsonElement? sent, IReadOnlyDictionary<string, JsonElement>? members)
    {
        var properties = new Dictionary<string, object?>();
        if (sent is { } declaration) properties[WireTool.Declaration] = OpenMembers.WithoutType(declaration);
        if (members is not null) properties[WireTool.Members] = OpenMembers.ToJson(members);
        if (function.Strict is { } strict) properties[Strict] = strict;
        return properties;
    }
}
