using PluginHost.Engine.Errors;
using PluginHost.Http.Binding;
using PluginHost.Http.Errors;
using PluginHost.Sdk;

namespace PluginHost.Http.Access;

/// <summary>The only place that decides whose sessions a request may use.</summary>
internal static class Tenancy
{
    /// <summary>What admins send instead of a tenant to see all.</summary>
    public const string AllTenants = "*";

    /// <summary>The tenant of the request's key or token. Nothing else in the request changes it.</summary>
    public static string TenantOf(HttpContext context) =>
        (context.Features.Get<Caller>() ?? throw new InvalidOperationException("The request has no caller: AccessMiddleware did not run.")).Tenant;

    /// <summary>Whether the request may see what belongs to all tenants.</summary>
    public static bool IsAdmin(HttpContext context) => context.Features.Get<Caller>()?.IsAdmin == true;

    /// <summary>The tenant whose data a request asks for: its own unless it names another one.</summary>
    /// <param name="context">The request.</param>
    /// <param name="asked">The tenant that it names, or <see cref="AllTenants"/>; null for its own.</param>
    /// <returns>Null for all tenants.</returns>
    /// <exception cref="ProblemException">403: it is another one, and the sender no admin.</exception>
    public static string? ChooseTenant(HttpContext context, string? asked)
    {
        var own = TenantOf(context);
        if (asked is null || asked == own) return own;
        if (!IsAdmin(context)) throw new ProblemException(HttpProblemTypes.Forbidden, "Only admins may name other tenants: leave 'tenant' out.");
        return asked == AllTenants ? null : asked;
    }

    /// <summary>Who sent the request, where that is recorded; null when the host has no keys, or the token no subject.</summary>
    public static string? CallerName(HttpContext context) => context.Features.Get<Caller>()?.Name;

    /// <summary>The session that the path names.</summary>
    /// <returns>A key. A wrong id is reported to <paramref name="errors"/>.</returns>
    public static SessionKey SessionOf(HttpContext context, InputErrors errors) => new(TenantOf(context), PathId(context, "id", errors));

    /// <summary>The run that the path names.</summary>
    public static string RunOf(HttpContext context, InputErrors errors) => PathId(context, "run", errors);

    /// <summary>An id that the path names.</summary>
    public static string PathId(HttpContext context, string name, InputErrors errors)
    {
        var id = (string)context.GetRouteValue(name)!;
        errors.CheckId(id, name);
        return id;
    }
}
