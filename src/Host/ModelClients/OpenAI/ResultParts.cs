using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>The results of tools: text, or the parts that a caller sent.</summary>
internal static class ResultParts
{
    /// <returns>Null when the result is not a list of parts.</returns>
    public static JsonElement? Find(FunctionResultContent result) =>
        WireContent.GetForm(result) == WireContent.Part && result.Result is JsonElement { ValueKind: JsonValueKind.Array } parts ? parts : null;

    /// <summary>Text as it is, anything else as compact JSON.</summary>
    public static string ToText(object? result) => result switch
    {
        null => "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        _ => CompactJson.Write(result),
    };
}
