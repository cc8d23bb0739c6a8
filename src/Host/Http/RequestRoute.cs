namespace PluginHost.Http;

/// <summary>What logs say of a request's address.</summary>
internal static class RequestRoute
{
    /// <summary>The route, without the ids of callers.</summary>
    public static string RouteText(this HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)";
}
