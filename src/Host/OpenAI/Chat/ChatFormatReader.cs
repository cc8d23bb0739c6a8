using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Chat;

/// <summary>Reads the format of the answer.</summary>
internal static class ChatFormatReader
{
    private static readonly string[] Types = ["text", "json_object", "json_schema"];

    public static void Read(BodyReader body, ChatOptions options)
    {
        if (body.Nested("response_format") is not { } format) return;
        switch (format.RequiredOneOf("type", Types))
        {
            case "text":
                options.ResponseFormat = ChatResponseFormat.Text;
                break;
            case "json_object":
                options.ResponseFormat = ChatResponseFormat.Json;
                break;
            case "json_schema":
                ReadSchema(format, options);
                break;
        }

        format.End();
    }

    private static void ReadSchema(BodyReader format, ChatOptions options)
    {
        if (!format.TryGetRequired("json_schema", "object", out _) || format.Nested("json_schema") is not { } json) return;
        var name = json.RequiredText("name");
        var description = json.Text("description");
        var schema = json.TryGetRequired("schema", "a JSON schema", out _) ? json.Object("schema") : null;
        var strict = json.Flag("strict");
        json.End();
        if (name is null || schema is null) return;
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(schema.Value, name, description);
        Strictness.Set(options, strict);
    }
}
