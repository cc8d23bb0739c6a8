using System.Net;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Http.Errors;

namespace PluginHost.Http.Access;

/// <summary>
/// Refuses requests of web pages to a host without keys: a browser on this machine reaches it, and a page may let its own name
/// point to 127.0.0.1 (DNS rebinding) or send requests across sites. A valid key proves that a page did not forge the request. Stateless.
/// </summary>
internal sealed class LocalRequests(ServerConfiguration server, ApiKeys keys)
{
    /// <exception cref="ProblemException">421 or 403.</exception>
    public void Check(HttpContext context)
    {
        // Browsers cannot use Unix sockets.
        if (context.Connection.LocalIpAddress is null) return;
        var request = context.Request;
        if ((!keys.AreRequired || server.AllowedHosts.Count > 0) && !IsAllowed(request.Host.Host))
            throw new ProblemException(
                HttpProblemTypes.HostNotAllowed, "The request is addressed to another host. Send it to 127.0.0.1 or localhost, or name that host in Server:AllowedHosts.");
        if (!keys.AreRequired && (!HttpMethods.IsGet(request.Method) || request.Headers.Upgrade.Count > 0) && IsCrossSite(request))
            throw new ProblemException(
                HttpProblemTypes.CrossSiteRequest, "A web page of another site sent this request, and this host asks for no key. Configure API keys to take such requests.");
    }

    private bool IsAllowed(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.AsSpan().Trim("[]"), out var address) && IPAddress.IsLoopback(address))
        || server.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    private bool IsCrossSite(HttpRequest request) =>
        !server.AllowsOrigin(request.Headers.Origin.ToString())
        && request.Headers["Sec-Fetch-Site"] != "none"
        && BrowserOrigin.IsSame(request) == false;
}
