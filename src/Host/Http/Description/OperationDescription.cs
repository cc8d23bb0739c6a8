using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Http.Streaming;

namespace PluginHost.Http.Description;

/// <summary>Adds to operations their parameters, the headers of their answers, and what their event streams hold.</summary>
internal sealed class OperationDescription : IOpenApiOperationTransformer
{
    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters = [.. PathParameters(context), .. QueryParameters(metadata), .. HeaderParameters(metadata)];
        if (metadata.OfType<OpenToAll>().Any()) operation.Security = [];
        foreach (var (status, each) in operation.Responses ?? [])
        {
            if (each is not OpenApiResponse response) continue;
            response.Headers = HeadersOf(int.Parse(status, CultureInfo.InvariantCulture), metadata);
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
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = name == "user" ? UserNames.MaxLength : SessionIds.MaxLength },
        });
    }

    private static IEnumerable<IOpenApiParameter> QueryParameters(IList<object> metadata) =>
        metadata.OfType<QueryType>().SelectMany(q => BodyType.For(q.Type).Fields).Select(field => new OpenApiParameter
        {
            Name = field.Name,
            In = ParameterLocation.Query,
            Description = field.Attributes.OfType<DescriptionAttribute>().FirstOrDefault()?.Description,
            Style = field.Attributes.OfType<EntriesAttribute>().Any() ? ParameterStyle.DeepObject : null,
            Explode = field.Attributes.OfType<EntriesAttribute>().Any(),
            Schema = SchemaOf(field),
        });

    private static OpenApiSchema SchemaOf(BodyField field)
    {
        if (field.Attributes.OfType<EntriesAttribute>().Any())
            return new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String } };
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

    private static Dictionary<string, IOpenApiHeader>? HeadersOf(int status, IList<object> metadata)
    {
        List<ResponseHeader> headers = [.. metadata.OfType<ResponseHeader>().Where(h => h.Statuses.Contains(status))];
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            headers.Add(new ResponseHeader("Retry-After", "After how many seconds a retry may succeed, when that is known."));
        return headers.Count == 0 ? null : headers.ToDictionary(h => h.Name, IOpenApiHeader (h) => new OpenApiHeader
        {
            Description = h.Description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });
    }

    /// <summary>OpenAPI 3.1 has no streams: by custom the schema is that of one event's data.</summary>
    private static async Task DescribeEventsAsync(
        OpenApiMediaType stream, StreamDescription events, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        foreach (var payload in events.Payloads)
            context.Document?.AddComponent<IOpenApiSchema>(payload.Name, await context.GetOrCreateSchemaAsync(payload, null, cancellationToken));
        var names = events.Resources.Select(r => SchemaNames.Shorten(r.Name)).Concat(events.Payloads.Select(p => p.Name));
        stream.Schema = new OpenApiSchema { Description = events.Text, AnyOf = [.. names.Select(n => new OpenApiSchemaReference(n, context.Document))] };
    }
}
