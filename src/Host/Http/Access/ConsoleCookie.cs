using PluginHost.Engine.Errors;
using PluginHost.Http.Errors;

namespace PluginHost.Http.Access;

/// <summary>The cookie by which a browser that is logged in is known. Pages of other sites cannot use it.</summary>
internal static class ConsoleCookie
{
    /// <summary>The name has the port: browsers send cookies to all ports, and hosts of one machine must not replace each other's.</summary>
    public static string NameFor(HostString host) => host.Port is { } port ? $"pluginhost_console_{port}" : "pluginhost_console";

    public static void Write(HttpContext context, string id) => context.Response.Cookies.Append(NameFor(context.Request.Host), id, Options(context));

    public static void Delete(HttpContext context) => context.Response.Cookies.Delete(NameFor(context.Request.Host), Options(context));

    /// <summary>The id of the session of a request; null when it has none, or comes from a page of another origin.</summary>
    /// <exception cref="ProblemException">403: it would change something, and nothing shows that a page of the host sent it.</exception>
    public static string? Read(HttpContext context)
    {
        var request = context.Request;
        // A browser sends the cookie to all ports of a machine, and an id is short.
        if (request.Cookies[NameFor(request.Host)] is not { Length: > 0 and <= 128 } id) return null;
        var isRead = (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Headers.Upgrade.Count == 0;
        if (BrowserOrigin.IsSame(request) is { } isSame) return isSame ? id : isRead ? null : throw CrossSite();
        return isRead ? id : throw CrossSite();
    }

    /// <summary>Refuses forms of other origins, which come without the cookie: they must not log a browser in or out.</summary>
    /// <exception cref="ProblemException">403.</exception>
    public static void CheckOrigin(HttpContext context)
    {
        if (BrowserOrigin.IsSame(context.Request) == false) throw CrossSite();
    }

    private static ProblemException CrossSite() => new(
        HttpProblemTypes.CrossSiteRequest, "A request that changes something by a cookie has to come from a page of this host. Send a key instead of the cookie.");

    /// <summary>Without an end: the session's own is the one that counts.</summary>
    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = BrowserOrigin.IsSecure(context.Request),
        Path = "/",
        IsEssential = true,
    };
}
