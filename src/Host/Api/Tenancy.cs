using PluginHost.Api.Input;
using PluginHost.Sdk;

namespace PluginHost.Api;

/// <summary>Whose sessions a request is about: the one place that decides it.</summary>
internal static class Tenancy
{
    private const string Only = "default";

    public static string TenantOf(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Only;
    }

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
