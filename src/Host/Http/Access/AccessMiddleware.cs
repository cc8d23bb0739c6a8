using PluginHost.Engine.Errors;
using PluginHost.Http.Errors;

namespace PluginHost.Http.Access;

/// <summary>Marks an endpoint that needs no key.</summary>
internal sealed class OpenToAll
{
    /// <summary>For health, which has to answer when the host is busy: no limit applies.</summary>
    public static OpenToAll Instance { get; } = new();

    /// <summary>For endpoints that count against the limits of the host like all others.</summary>
    public static OpenToAll WithLimits { get; } = new() { HasLimits = true };

    public bool HasLimits { get; private init; }
}

/// <summary>Marks an endpoint that only admins may use.</summary>
internal sealed class AdminsOnly
{
    public static AdminsOnly Instance { get; } = new();
}

/// <summary>
/// Marks pages for browsers: a GET without a key is redirected instead of refused. A form without one that a page of the host sent reaches its
/// endpoint, without a <see cref="Caller"/>, so that the endpoint can ask for a key and keep what was written.
/// </summary>
/// <param name="Address">The address. The page is added as <c>?back=</c>.</param>
internal sealed record LoginRedirect(string Address)
{
    public string For(HttpRequest request) => $"{Address}?back={Uri.EscapeDataString(request.Path.ToUriComponent() + request.QueryString.ToUriComponent())}";
}

/// <summary>
/// Identifies the sender of a request by its API key or token, or else by the cookie of a browser that is logged in. Refuses requests without any of these,
/// except on endpoints that are open to all, and requests that the caller has no right to, or sends too often.
/// </summary>
internal sealed class AccessMiddleware(
    RequestDelegate next,
    ApiKeys keys,
    TenantRates rates,
    ConsoleSessions console,
    IEnumerable<TokenAccess> tokens,
    RefusalLines lines,
    ILogger<AccessMiddleware> logger)
{
    private const string Scheme = "Bearer ";

    private readonly TokenAccess? _tokens = tokens.FirstOrDefault();

    public Task InvokeAsync(HttpContext context)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<OpenToAll>() is not null) return next(context);
        // The guard has accepted it from another host.
        if (context.Features.Get<Caller>() is { } forwarded) return ContinueAsync(context, metadata, forwarded);
        if (!keys.AreRequired) return ContinueAsync(context, metadata, Caller.Anonymous);
        var key = KeyOf(context.Request);
        if (key is null && ConsoleCookie.Read(context) is { } session && console.Find(session, isUse: true) is { } user) return ContinueAsync(context, metadata, user);
        if (key is not null && keys.Find(key) is { } caller) return ContinueAsync(context, metadata, caller);
        if (key is not null && _tokens is not null && TokenAccess.IsToken(key)) return AuthenticateAsync(context, metadata, _tokens);
        if (key is null && metadata?.GetMetadata<LoginRedirect>() is { } login)
        {
            if (HttpMethods.IsGet(context.Request.Method))
            {
                context.Response.Redirect(login.For(context.Request));
                return Task.CompletedTask;
            }

            if (BrowserOrigin.IsSame(context.Request) == true)
            {
                if (lines.MayWrite()) Log.Refused(logger, context.Request.Method, context.RouteText(), StatusCodes.Status401Unauthorized, HttpProblemTypes.Unauthorized.Slug);
                return next(context);
            }
        }

        throw Unauthorized(context, key is null
            ? "An API key is needed: send 'Authorization: Bearer <key>' or 'X-Api-Key: <key>'."
            : "The API key is not known.", key is null);
    }

    private async Task AuthenticateAsync(HttpContext context, EndpointMetadataCollection? metadata, TokenAccess access)
    {
        var (caller, refusal) = await access.AuthenticateAsync(context);
        if (caller is null) throw Unauthorized(context, refusal!, isMissing: false);
        await ContinueAsync(context, metadata, caller);
    }

    private Task ContinueAsync(HttpContext context, EndpointMetadataCollection? metadata, Caller caller)
    {
        if (!caller.IsAdmin && metadata?.GetMetadata<AdminsOnly>() is not null)
            throw new ProblemException(HttpProblemTypes.Forbidden, "This call is for admins, and the key or token has no admin right.");
        rates.Count(caller.Tenant);
        context.Features.Get<RequestSlot>()?.Enter(caller.Tenant);
        context.Features.Set(caller);
        return next(context);
    }

    private static ProblemException Unauthorized(HttpContext context, string detail, bool isMissing)
    {
        context.Response.Headers.WWWAuthenticate = isMissing
            ? "Bearer realm=\"pluginhost\""
            : "Bearer realm=\"pluginhost\", error=\"invalid_token\"";
        return new ProblemException(HttpProblemTypes.Unauthorized, detail);
    }

    public static string? KeyOf(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return authorization[Scheme.Length..].Trim();
        var key = request.Headers["X-Api-Key"].ToString();
        return key.Length > 0 ? key : null;
    }
}
