using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Http.Streaming;
using PluginHost.Native.Streaming;

namespace PluginHost.Http.Description;

/// <summary>Adds to operations their parameters, and what their event streams hold.</summary>
internal sealed class OperationDescription : IOpenApiOperationTransformer
{
    private const string Events =
        "Server-sent events, each with an id that rises by one and JSON as data: run.started (Run without output), message.delta (MessageDelta), "
        + "tool.started (ToolStarted), tool.completed (ToolCompleted), and at the end one of run.completed, run.failed, run.cancelled, "
        + "run.requires_action (Run).";

    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters = [.. PathParameters(context), .. QueryParameters(metadata), .. HeaderParameters(operation.OperationId)];
        if (metadata.OfType<OpenToAll>().Any()) operation.Security = [];
        foreach (var response in (operation.Responses ?? []).Values.OfType<OpenApiResponse>())
        {
            if (response.Content?.TryGetValue(EventStream.ContentType, out var stream) != true) continue;
            await DescribeEventsAsync(stream!, context, cancellationToken);
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

    private static IEnumerable<IOpenApiParameter> HeaderParameters(string? operation)
    {
        var header = operation switch
        {
            "patchSession" => ("If-Match", "The version (ETag) that the change is meant for."),
            "attachToRun" => ("Last-Event-ID", "The id of the last event that the client has."),
            "createRun" or "createRunOnNewSession" => (IdempotencyHeader.Name, "Makes the request safe to repeat: the same key and body give the same run."),
            _ => default,
        };
        if (header.Item1 is null) return [];
        var schema = new OpenApiSchema { Type = JsonSchemaType.String };
        return [new OpenApiParameter { Name = header.Item1, In = ParameterLocation.Header, Description = header.Item2, Schema = schema }];
    }

    /// <summary>OpenAPI 3.1 cannot describe a stream: to it the body is text. The payloads are schemas beside it.</summary>
    private static async Task DescribeEventsAsync(
        OpenApiMediaType stream, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        stream.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Description = Events };
        foreach (var payload in new[] { typeof(MessageDelta), typeof(ToolStarted), typeof(ToolCompleted) })
            context.Document?.AddComponent<IOpenApiSchema>(payload.Name, await context.GetOrCreateSchemaAsync(payload, null, cancellationToken));
    }
}
