using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Native.Resources;

namespace PluginHost.Native;

/// <summary>Turns the options of a run request into the model's types.</summary>
internal static class RunOptions
{
    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}"""u8);

    public static ChatOptions? ToChatOptions(RunOptionsBody? options)
    {
        if (options is null or { Temperature: null, MaxOutputTokens: null, ResponseFormat: null }) return null;
        return new ChatOptions
        {
            Temperature = (float?)options.Temperature,
            MaxOutputTokens = options.MaxOutputTokens,
            ResponseFormat = ToFormat(options.ResponseFormat),
        };
    }

    /// <summary>Declarations: the caller answers the calls.</summary>
    public static IReadOnlyList<AITool> ToTools(IReadOnlyList<ToolBody>? tools) =>
        [.. (tools ?? []).Select(t => AIFunctionFactory.CreateDeclaration(t.Name, t.Description, t.Parameters ?? NoParameters))];

    private static ChatResponseFormat? ToFormat(ResponseFormatBody? format) => format?.Type switch
    {
        "text" => ChatResponseFormat.Text,
        "json_object" => ChatResponseFormat.Json,
        "json_schema" => ChatResponseFormat.ForJsonSchema(format.Schema!.Value, format.Name, format.Description),
        _ => null,
    };
}
