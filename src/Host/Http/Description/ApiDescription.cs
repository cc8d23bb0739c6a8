using System.Collections.Frozen;
using Microsoft.OpenApi;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Http.Description;

/// <summary>The OpenAPI document, generated from the endpoints.</summary>
internal static class ApiDescription
{
    private const string Bearer = "api_key";
    private const string Discriminator = "type";

    private static readonly FrozenDictionary<string, string> Tags = new Dictionary<string, string>
    {
        ["sessions"] = "Containers of conversation state: their messages, metadata and state.",
        ["runs"] = "Runs of an agent on a session: started, followed, read and cancelled.",
        ["users"] = "What plugins keep of users beyond sessions.",
        ["agents"] = "The agents that are configured.",
        ["host"] = "What the host is and does now.",
        ["admin"] = "Calls for admins.",
        ["health"] = "Whether the host lives, and whether it can serve. They need no key.",
    }.ToFrozenDictionary();

    public static IServiceCollection AddApiDescription(this IServiceCollection services) =>
        services.AddOpenApi("v1", options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.CreateSchemaReferenceId = SchemaNames.Create;
            options.AddOperationTransformer<OperationDescription>();
            options.AddSchemaTransformer<SchemaDescription>();
            options.AddDocumentTransformer((document, context, _) =>
            {
                document.Info = new OpenApiInfo
                {
                    Title = "PluginHost",
                    Version = typeof(ApiDescription).Assembly.GetName().Version?.ToString(3) ?? "0",
                    Description = "Sessions for AI agents. "
                        + "Ids are 1 to 128 of A-Z a-z 0-9 . _ ~ : - and times RFC 3339 in UTC. Unknown fields are errors.",
                    License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
                };
                foreach (var server in document.Servers ?? []) server.Url = server.Url?.TrimEnd('/');
                foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>()) tag.Description = Tags[tag.Name!];
                foreach (var schema in document.Components?.Schemas?.Values ?? []) DescribeUnion(schema);
                DescribeKey(document, context.ApplicationServices.GetRequiredService<ServerConfiguration>().NeedsAuthentication);
                return Task.CompletedTask;
            });
        });

    /// <summary>A union is exactly one of its cases, and each case has the text by which it is known: generated clients rely on both.</summary>
    private static void DescribeUnion(IOpenApiSchema schema)
    {
        if (schema is not OpenApiSchema open) return;
        if (open.Discriminator is not null) (open.OneOf, open.AnyOf) = (open.AnyOf, null);
        if (open.Properties?.TryGetValue(Discriminator, out var given) != true || given is not OpenApiSchema { Enum: [{ } only] } discriminator) return;
        (discriminator.Const, discriminator.Enum) = (only.GetValue<string>(), null);
        open.Type = JsonSchemaType.Object;
        (open.Required ??= new HashSet<string>()).Add(Discriminator);
    }

    private static void DescribeKey(OpenApiDocument document, bool isRequired)
    {
        document.AddComponent(Bearer, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key of the host, which the header X-Api-Key takes as well, or a token.",
        });
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
        // An empty requirement makes the other one optional.
        if (!isRequired) document.Security.Add(new OpenApiSecurityRequirement());
    }
}
