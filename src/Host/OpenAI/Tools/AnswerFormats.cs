using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;

namespace PluginHost.OpenAI.Tools;

/// <summary>The required format of an answer. The model's server gets it as it was sent, with what other servers define.</summary>
internal interface IAnswerFormat
{
    void ApplyTo(ChatOptions options)
    {
        var schema = this as SchemaBody ?? (this as ChatSchemaFormat)?.JsonSchema;
        if (schema is not null) options.ResponseFormat = ChatResponseFormat.ForJsonSchema(schema.Schema, schema.Name, schema.Description);
        else options.ResponseFormat = this is JsonObjectFormat ? ChatResponseFormat.Json : ChatResponseFormat.Text;
        // For the format of the answer; a tool's own strictness comes first.
        if (schema?.Strict is { } strict) (options.AdditionalProperties ??= [])[CallerFunction.Strict] = strict;
    }
}

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TextFormat), "text")]
[JsonDerivedType(typeof(JsonObjectFormat), "json_object")]
[JsonDerivedType(typeof(ChatSchemaFormat), "json_schema")]
internal interface IChatFormat : IAnswerFormat;

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TextFormat), "text")]
[JsonDerivedType(typeof(JsonObjectFormat), "json_object")]
[JsonDerivedType(typeof(ResponseSchemaFormat), "json_schema")]
internal interface IResponseFormat : IAnswerFormat;

[IgnoresUnknown]
internal sealed record TextFormat : IChatFormat, IResponseFormat;

[IgnoresUnknown]
internal sealed record JsonObjectFormat : IChatFormat, IResponseFormat;

[IgnoresUnknown]
internal sealed record ChatSchemaFormat(SchemaBody JsonSchema) : IChatFormat;

[IgnoresUnknown]
internal sealed record ResponseSchemaFormat([FunctionName] string Name, [AnyObject] JsonElement Schema, string? Description = null, bool? Strict = null)
    : SchemaBody(Name, Schema, Description, Strict), IResponseFormat;

[IgnoresUnknown]
internal record SchemaBody(string Name, [AnyObject] JsonElement Schema, string? Description = null, bool? Strict = null);
