using System.Text.Json;

namespace PluginHost.Http.Binding;

/// <summary>Names of kinds of JSON values in messages.</summary>
internal static class JsonKinds
{
    public static string Name(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "list",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };
}
