using System.Text.Json.Nodes;
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
        metadata.OfType<QueryParameters>().SelectMany(q => q.All).Select(parameter => new OpenApiParameter
        {
            Name = parameter.Name,
            In = ParameterLocation.Query,
            Description = parameter.Description,
            Schema = SchemaOf(parameter),
        });

    private static OpenApiSchema SchemaOf(QueryParameter parameter) => parameter.Type switch
    {
        "integer" => new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "100", Default = 20 },
        "boolean" => new OpenApiSchema { Type = JsonSchemaType.Boolean, Default = false },
        _ when parameter.Values.Count > 0 =>
            new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. parameter.Values.Select(v => (JsonNode)v)] },
        _ => new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = SessionIds.MaxLength },
    };

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
