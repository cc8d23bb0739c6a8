namespace PluginHost.Http.Access;

/// <summary>What the headers of a browser say of the page that sent a request. Pages cannot change these headers.</summary>
internal static class BrowserOrigin
{
    /// <summary>Whether a page of the host itself, or the user, sent it; null when no browser says so.</summary>
    public static bool? IsSame(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"];
        // What the user types comes from no page, and changes nothing.
        if (site.Count > 0) return site.ToString() == "same-origin" || (site.ToString() == "none" && HttpMethods.IsGet(request.Method));
        var origin = request.Headers.Origin;
        if (origin.Count == 0) return null;
        return Uri.TryCreate(origin.ToString(), UriKind.Absolute, out var uri)
            && uri.Authority.Equals(request.Host.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether the browser uses TLS. The host has none, so that a proxy or the browser has to say it; a lie can only make the cookie stricter.</summary>
    public static bool IsSecure(HttpRequest request) =>
        request.IsHttps
        || request.Headers["X-Forwarded-Proto"].ToString().Equals("https", StringComparison.OrdinalIgnoreCase)
        || request.Headers.Origin.ToString().StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}
