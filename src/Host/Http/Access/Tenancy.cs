using PluginHost.Http.Binding;
using PluginHost.Sdk;

namespace PluginHost.Http.Access;

/// <summary>Whose sessions a request is about: the one place that decides it.</summary>
internal static class Tenancy
{
    /// <summary>The tenant of the key or token that the request came with. Nothing else in the request has a say.</summary>
    public static string TenantOf(HttpContext context) =>
        (context.Features.Get<Caller>() ?? throw new InvalidOperationException("Nobody has found out who sent the request.")).Tenant;

    /// <summary>The session that the path names.</summary>
    /// <returns>A key; when the id is wrong, that is in <paramref name="errors"/>.</returns>
    public static SessionKey SessionOf(HttpContext context, InputErrors errors) => new(TenantOf(context), PathId(context, "id", errors));

    /// <summary>The run that the path names.</summary>
    public static string RunOf(HttpContext context, InputErrors errors) => PathId(context, "run", errors);

    private static string PathId(HttpContext context, string name, InputErrors errors)
    {
        var id = (string)context.GetRouteValue(name)!;
        errors.CheckId(id, name);
        return id;
    }
}
