using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Http.Streaming;

namespace PluginHost.Http.Description;

/// <summary>Adds to operations their parameters, and what their event streams hold.</summary>
internal sealed class OperationDescription : IOpenApiOperationTransformer
{
    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters = [.. PathParameters(context), .. QueryParameters(metadata), .. HeaderParameters(metadata)];
        if (metadata.OfType<OpenToAll>().Any()) operation.Security = [];
        foreach (var response in (operation.Responses ?? []).Values.OfType<OpenApiResponse>())
        {
            if (response.Content?.TryGetValue(SseWriter.ContentType, out var stream) != true) continue;
            await DescribeEventsAsync(stream!, metadata.OfType<StreamDescription>().Single(), context, cancellationToken);
        }
    }

    private static IEnumerable<IOpenApiParameter> PathParameters(OpenApiOperationTransformerContext context)
    {
        var path = context.Description.RelativePath ?? "";
        return path.Split('/').Where(s => s.StartsWith('{')).Select(s => s.Trim('{', '}')).Select(name => new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Path,
            Required = true,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = SessionIds.MaxLength },
        });
    }

    private static IEnumerable<IOpenApiParameter> QueryParameters(IList<object> metadata) =>
        metadata.OfType<QueryType>().SelectMany(q => BodyType.For(q.Type).Fields).Select(field => new OpenApiParameter
        {
            Name = field.Name,
            In = ParameterLocation.Query,
            Description = field.Attributes.OfType<DescriptionAttribute>().FirstOrDefault()?.Description,
            Schema = SchemaOf(field),
        });

    private static OpenApiSchema SchemaOf(BodyField field)
    {
        var schema = new OpenApiSchema
        {
            Type = field.Type == typeof(int) ? JsonSchemaType.Integer : field.Type == typeof(bool) ? JsonSchemaType.Boolean : JsonSchemaType.String,
            Default = JsonSerializer.SerializeToNode(field.Default),
        };
        foreach (var attribute in field.Attributes) SchemaDescription.Apply(attribute, schema, field.Type);
        return schema;
    }

    private static IEnumerable<IOpenApiParameter> HeaderParameters(IList<object> metadata) =>
        metadata.OfType<RequestHeader>().Select(header => new OpenApiParameter
        {
            Name = header.Name,
            In = ParameterLocation.Header,
            Description = header.Description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });

    /// <summary>OpenAPI 3.1 cannot describe a stream: to it the body is text. The payloads are schemas beside it.</summary>
    private static async Task DescribeEventsAsync(
        OpenApiMediaType stream, StreamDescription events, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        stream.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Description = events.Text };
        foreach (var payload in events.Payloads)
            context.Document?.AddComponent<IOpenApiSchema>(payload.Name, await context.GetOrCreateSchemaAsync(payload, null, cancellationToken));
    }
}
