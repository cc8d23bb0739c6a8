using Microsoft.OpenApi;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Http.Description;

/// <summary>The OpenAPI document, generated from the endpoints.</summary>
internal static class ApiDescription
{
    private const string Bearer = "api_key";

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
                };
                document.Servers?.Clear();
                if (context.ApplicationServices.GetRequiredService<ServerConfiguration>().NeedsAuthentication) RequireKey(document);
                return Task.CompletedTask;
            });
        });

    private static void RequireKey(OpenApiDocument document)
    {
        document.AddComponent(Bearer, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key of the host, which the header X-Api-Key takes as well, or a token.",
        });
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
    }
}
