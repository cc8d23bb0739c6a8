using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Errors;

namespace PluginHost.Http.Description;

/// <summary>Adds to schemas what the types alone do not say, from the attributes of their properties; and closes request bodies.</summary>
internal sealed class SchemaDescription : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        // Unknown fields are errors in requests; in responses new ones may appear.
        if (context.JsonPropertyInfo is null && context.JsonTypeInfo.Type.Name.EndsWith("Body", StringComparison.Ordinal)
            && context.JsonTypeInfo.Type.Namespace != typeof(ProblemBody).Namespace)
        {
            schema.AdditionalPropertiesAllowed = false;
        }

        foreach (var attribute in context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(inherit: false) ?? []) Apply(attribute, schema);
        return Task.CompletedTask;
    }

    private static void Apply(object attribute, OpenApiSchema schema)
    {
        switch (attribute)
        {
            case AllowedTextAttribute allowed:
                schema.Enum = [.. allowed.Values.Select(v => (JsonNode)v)];
                break;
            case JsonObjectSchemaAttribute:
                schema.Type = JsonSchemaType.Object;
                break;
            case MetadataSchemaAttribute metadata:
                schema.MaxProperties = metadata.IsPatch ? null : MetadataLimits.MaxPairs;
                schema.AdditionalProperties = new OpenApiSchema
                {
                    Type = metadata.IsPatch ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String,
                    MaxLength = MetadataLimits.MaxValueLength,
                };
                break;
            case OrTextAttribute:
                schema.OneOf =
                [
                    new OpenApiSchema { Type = JsonSchemaType.String },
                    new OpenApiSchema { Type = JsonSchemaType.Array, Items = schema.Items },
                ];
                schema.Type = null;
                schema.Items = null;
                break;
        }
    }
}
