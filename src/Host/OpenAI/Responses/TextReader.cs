using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Responses;

/// <summary>Reads the form that the answer is to have.</summary>
internal static class TextReader
{
    private static readonly string[] Types = ["text", "json_object", "json_schema"];

    /// <returns>What to give back; null when nothing was asked for.</returns>
    public static JsonElement? Read(BodyReader body, ChatOptions options)
    {
        if (body.Nested("text") is not { } text || !body.TryGet("text", out var echo)) return null;
        text.RefuseUnless("verbosity", v => v.ValueKind == JsonValueKind.String && v.GetString() == "medium", "medium");
        var format = text.Nested("format");
        text.End();
        if (format is null) return null;
        if (format.RequiredOneOf("type", Types) is not { } type) return null;
        if (type == "json_object") options.ResponseFormat = ChatResponseFormat.Json;
        else if (type == "json_schema") ReadSchema(format, options);
        format.End();
        return echo;
    }

    private static void ReadSchema(BodyReader format, ChatOptions options)
    {
        var name = format.RequiredText("name");
        var description = format.Text("description");
        if (name is not null) ToolNames.CheckName(format, name);
        if (format.TryGetRequired("schema", "a JSON schema", out _) && format.Object("schema") is { } schema)
            options.ResponseFormat = ChatResponseFormat.ForJsonSchema(schema, name, description);
        Strictness.Set(options, format.Flag("strict"));
    }
}
