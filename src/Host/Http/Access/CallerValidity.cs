using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Http.Errors;

namespace PluginHost.Http.Access;

/// <summary>Checks again, during a long connection, what was checked when it began: keys are revoked and tokens expire. Thread-safe.</summary>
internal sealed class CallerValidity(ApiKeys keys, TenantRates rates, ConsoleSessions console, ServerConfiguration server, TimeProvider time)
{
    /// <summary>Counts one more request of the connection's caller.</summary>
    /// <exception cref="ProblemException">401: its key or token is not valid any more. 429: its tenant sends too many.</exception>
    public void CountRequest(HttpContext context)
    {
        var caller = context.Features.Get<Caller>()!;
        if (!IsValid(context)) throw new ProblemException(HttpProblemTypes.Unauthorized, "The key or token of this connection is not valid any more.");
        rates.Count(caller.Tenant);
    }

    /// <summary>Whether the key or token of the connection is still valid.</summary>
    public bool IsValid(HttpContext context)
    {
        if (!keys.AreRequired) return true;
        var caller = context.Features.Get<Caller>()!;
        // As when the connection began.
        if (caller.ValidUntil is { } until) return time.GetUtcNow() - (server.Jwt?.ClockSkew ?? TimeSpan.Zero) < until;
        if (AccessMiddleware.KeyOf(context.Request) is { } key) return keys.Find(key) == caller;
        // A connection that is open is no use: a page that is left open becomes idle.
        return context.Request.Cookies[ConsoleCookie.NameFor(context.Request.Host)] is { } session && console.Find(session, isUse: false) == caller;
    }
}
