using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Http.Errors;

namespace PluginHost.Http.Access;

/// <summary>Reads the caller from a JSON Web Token, which the platform's handler validates. Thread-safe.</summary>
internal sealed class TokenAccess(JwtConfiguration jwt, RefusalLines lines, ILogger<TokenAccess> logger)
{
    /// <summary>Whether this may be a token: three parts with dots between them.</summary>
    public static bool IsToken(string key) => key.AsSpan().Count('.') == 2;

    /// <returns>The caller; or why the token is refused.</returns>
    /// <exception cref="ProblemException">403: a valid token that names no tenant. 503: its issuer does not answer.</exception>
    public async ValueTask<(Caller? Caller, string? Refusal)> AuthenticateAsync(HttpContext context)
    {
        AuthenticateResult result;
        try
        {
            result = await context.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (lines.MayWrite()) Log.TokenUnchecked(logger, e);
            throw new ProblemException(HttpProblemTypes.TokenIssuerUnavailable, "The token cannot be checked: its issuer does not answer. Try again.") { RetryAfterSeconds = 5 };
        }

        if (result is { Succeeded: true, Principal: { } principal }) return (CallerOf(principal) with { ValidUntil = result.Properties?.ExpiresUtc }, null);
        // The exception's text holds parts of the token.
        if (lines.MayWrite()) Log.TokenRefused(logger, result.Failure?.GetType().Name ?? "no token");
        return (null, result.Failure is SecurityTokenExpiredException ? "The token has expired." : "The API key or token is not valid.");
    }

    private Caller CallerOf(ClaimsPrincipal principal)
    {
        var tenants = principal.FindAll(jwt.TenantClaim).ToList();
        if (tenants.Count != 1 || !TenantIds.IsValid(tenants[0].Value))
            throw new ProblemException(
                HttpProblemTypes.Forbidden, $"The token's claim '{jwt.TenantClaim}' has to name one tenant: {TenantIds.Allowed}.");
        return new Caller(tenants[0].Value, jwt.AdminClaim is { } claim && principal.FindAll(claim).Any(c => Holds(c, jwt.AdminValue!)))
        {
            Name = principal.FindFirst("sub")?.Value ?? principal.FindFirst(ClaimTypes.NameIdentifier)?.Value,
        };
    }

    /// <summary>OAuth's scopes are a list in one text; other claims are compared whole.</summary>
    private static bool Holds(Claim claim, string value) => claim.Type is "scope" or "scp"
        ? claim.Value.Split(' ').Contains(value, StringComparer.Ordinal)
        : claim.Value == value;
}
