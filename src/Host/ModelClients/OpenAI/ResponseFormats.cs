using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Writes formats of answers in the shapes of both interfaces: chat has the schema in an object, responses beside the type.</summary>
internal static class ResponseFormats
{
    private const string SchemaType = "json_schema";

    public static void WriteChat(Utf8JsonWriter json, ChatResponseFormat format, ChatOptions chat)
    {
        json.WriteStartObject();
        json.WriteString("type", TypeOf(format));
        if (format is ChatResponseFormatJson { Schema: { } schema } typed)
        {
            json.WriteStartObject(SchemaType);
            WriteSchema(json, typed, schema, chat);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    public static void WriteResponses(Utf8JsonWriter json, ChatResponseFormat format, ChatOptions chat)
    {
        json.WriteStartObject();
        json.WriteString("type", TypeOf(format));
        if (format is ChatResponseFormatJson { Schema: { } schema } typed) WriteSchema(json, typed, schema, chat);
        json.WriteEndObject();
    }

    /// <summary>Writes a format of the Responses interface for chat.</summary>
    public static void WriteChat(Utf8JsonWriter json, JsonElement format)
    {
        if (format.GetText("type") != SchemaType)
        {
            format.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        json.WriteString("type", SchemaType);
        json.WriteStartObject(SchemaType);
        foreach (var member in format.EnumerateObject().Where(m => m.Name != "type")) member.WriteTo(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Writes a format of chat for the Responses interface.</summary>
    public static void WriteResponses(Utf8JsonWriter json, JsonElement format)
    {
        json.WriteStartObject();
        foreach (var member in format.EnumerateObject())
        {
            if (member.Name == SchemaType) json.WriteMembers(member.Value);
            else member.WriteTo(json);
        }

        json.WriteEndObject();
    }

    private static string TypeOf(ChatResponseFormat format) => format switch
    {
        ChatResponseFormatJson { Schema: not null } => SchemaType,
        ChatResponseFormatJson => "json_object",
        _ => "text",
    };

    private static void WriteSchema(Utf8JsonWriter json, ChatResponseFormatJson format, JsonElement schema, ChatOptions chat)
    {
        json.WriteString("name", format.SchemaName ?? "answer");
        if (format.SchemaDescription is { } description) json.WriteString("description", description);
        json.WritePropertyName("schema");
        schema.WriteTo(json);
        if (chat.AdditionalProperties?.TryGetValue("strict", out var strict) == true && strict is bool value) json.WriteBoolean("strict", value);
    }
}
