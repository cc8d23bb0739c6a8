using Microsoft.AspNetCore.Http.Metadata;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Http.Description;
using PluginHost.Http.Errors;
using PluginHost.Native.Resources;

namespace PluginHost.Native;

/// <summary>
/// Declares endpoints. Handlers are plain request delegates, which need no code generated when the host starts; their query
/// and their part of the OpenAPI document is metadata.
/// </summary>
internal static class NativeRoutes
{
    private const string Json = "application/json";

    public static IEndpointConventionBuilder MapCall(
        this IEndpointRouteBuilder routes, string method, string pattern, RequestDelegate handler, string name, string summary)
    {
        var tag = pattern.Split('/') switch
        {
            [_, "v1", "sessions", "{id}", "runs", ..] or [_, "v1", "runs", ..] or [_, "v1", "traces", ..] or [_, "v1", "approvals", ..] => "runs",
            [_, "v1", "sessions", ..] => "sessions",
            [_, "v1", "users", ..] => "users",
            [_, "v1", "agents", ..] => "agents",
            [_, "v1", "host"] or [_, "v1", "events"] => "host",
            [_, "v1", ..] => "admin",
            _ => "health",
        };
        // The method makes the endpoint visible to the API explorer, from which the OpenAPI document is made.
        return routes.MapMethods(pattern, [method], handler)
            .WithMetadata(handler.Method)
            .WithName(name)
            .WithSummary(summary)
            .WithTags(tag)
            .Refuses(tag == "health" ? [500] : [401, 421, 429, 500, 503]);
    }

    /// <typeparam name="T">The record of the query.</typeparam>
    public static IEndpointConventionBuilder Query<T>(this IEndpointConventionBuilder endpoint) => endpoint.WithMetadata(new QueryType(typeof(T)));

    /// <param name="endpoint">The endpoint.</param>
    /// <param name="body">The body's type.</param>
    /// <param name="optional">Whether the body may be left out.</param>
    /// <param name="otherContentType">A content type that is accepted besides <c>application/json</c>.</param>
    public static TBuilder Takes<TBuilder>(this TBuilder endpoint, Type body, bool optional = false, string? otherContentType = null)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new AcceptsMetadata(otherContentType is null ? [Json] : [Json, otherContentType], body, optional));

    public static TBuilder Gives<TBuilder>(this TBuilder endpoint, int status, Type body, params string[] contentTypes)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, body, contentTypes.Length == 0 ? [Json] : contentTypes));

    /// <summary>Gives a session, with its version as ETag, and with its address when it is new.</summary>
    public static IEndpointConventionBuilder GivesSession(this IEndpointConventionBuilder endpoint, int status)
    {
        endpoint.Gives(status, typeof(SessionResource)).WithMetadata(new ResponseHeader("ETag", "The session's version, for If-Match.", status));
        return status == StatusCodes.Status201Created ? endpoint.WithMetadata(new ResponseHeader("Location", "The address of the session.", status)) : endpoint;
    }

    /// <summary>Requires an admin's key, if the host requires keys.</summary>
    public static TBuilder ForAdmins<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(AdminsOnly.Instance).Refuses(403);

    /// <summary>The statuses of problems that an endpoint answers with, besides those of every call.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoint, params int[] statuses)
        where TBuilder : IEndpointConventionBuilder
    {
        foreach (var status in statuses)
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemBody), [ProblemBody.ContentType]));
        return endpoint;
    }
}
