using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Binding;
using PluginHost.Http.Errors;

namespace PluginHost.Http.Description;

/// <summary>Adds to schemas what the attributes say by which bodies are bound. The framework itself knows those for ranges and lengths.</summary>
internal sealed class SchemaDescription : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var (type, property) = (context.JsonTypeInfo.Type, context.JsonPropertyInfo);
        DescribeBody(schema, type);
        foreach (var attribute in property?.AttributeProvider?.GetCustomAttributes(inherit: false) ?? []) Apply(attribute, schema, property!.PropertyType);
        return Task.CompletedTask;
    }

    /// <summary>Unknown fields are errors in requests; in responses new ones may appear.</summary>
    private static void DescribeBody(OpenApiSchema schema, Type type)
    {
        if (schema.Properties is null || !type.Name.EndsWith("Body", StringComparison.Ordinal) || type.Namespace == typeof(ProblemBody).Namespace) return;
        schema.AdditionalPropertiesAllowed = false;
        foreach (var name in type.GetCustomAttribute<IgnoresAttribute>()?.Names ?? []) schema.Properties[name] = new OpenApiSchema { Description = "Ignored." };
    }

    /// <summary>Of a field of a body, or of a parameter.</summary>
    public static void Apply(object attribute, OpenApiSchema schema, Type type)
    {
        switch (attribute)
        {
            // The framework loses it for a value of any type that may be left out.
            case DescriptionAttribute description when type == typeof(JsonElement?):
                schema.Description = description.Description;
                break;
            case RangeAttribute range:
                (schema.Minimum, schema.Maximum) = (Text(range.Minimum), Text(range.Maximum));
                break;
            case AllowedTextAttribute allowed:
                schema.Enum = [.. allowed.Values.Select(v => (JsonNode)v)];
                break;
            case AnyObjectAttribute:
                schema.Type = JsonSchemaType.Object;
                break;
            case IdAttribute:
                (schema.MinLength, schema.MaxLength) = (1, SessionIds.MaxLength);
                schema.Description ??= SessionIds.Allowed;
                break;
            case TextRuleAttribute rule:
                schema.Pattern = rule.Pattern;
                break;
            case EntriesAttribute entries:
                schema.MaxProperties = entries.MaxCount == int.MaxValue ? null : entries.MaxCount;
                schema.AdditionalProperties = EntryOf(entries, type.GenericTypeArguments[1] == typeof(JsonElement) ? JsonSchemaType.Object : JsonSchemaType.String);
                break;
            case OrTextAttribute:
                var list = new OpenApiSchema { Type = JsonSchemaType.Array, Items = schema.Items, MinItems = schema.MinItems, MaxItems = schema.MaxItems };
                schema.OneOf = [new OpenApiSchema { Type = JsonSchemaType.String }, list];
                (schema.Type, schema.Items, schema.MinItems, schema.MaxItems) = (null, null, null, null);
                break;
        }
    }

    private static string? Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture);

    private static OpenApiSchema EntryOf(EntriesAttribute entries, JsonSchemaType type) => new()
    {
        Type = entries.OrNull ? type | JsonSchemaType.Null : type,
        MaxLength = entries.MaxLength == int.MaxValue ? null : entries.MaxLength,
    };
}
