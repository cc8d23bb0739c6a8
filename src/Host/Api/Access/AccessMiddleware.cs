using PluginHost.Sessions;

namespace PluginHost.Api.Access;

/// <summary>Marks an endpoint that needs no key.</summary>
internal sealed class OpenToAll
{
    public static OpenToAll Instance { get; } = new();
}

/// <summary>Refuses requests without a valid key, to whatever path, except to endpoints that are open to all.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, ApiKeys keys)
{
    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        if (!keys.AreRequired || context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is not null) return next(context);
        var key = KeyOf(context.Request);
        if (key is not null && keys.Contains(key)) return next(context);
        context.Response.Headers.WWWAuthenticate = key is null
            ? "Bearer realm=\"pluginhost\""
            : "Bearer realm=\"pluginhost\", error=\"invalid_token\"";
        throw new ProblemException(
            StatusCodes.Status401Unauthorized,
            "unauthorized",
            key is null ? "An API key is needed: send 'Authorization: Bearer <key>' or 'X-Api-Key: <key>'." : "The API key is not known.");
    }

    private static string? KeyOf(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return authorization[Scheme.Length..].Trim();
        var key = request.Headers["X-Api-Key"].ToString();
        return key.Length > 0 ? key : null;
    }
}
