using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PluginHost.Configuration;

/// <summary>Checks the addresses that the host listens on.</summary>
internal static class ListenAddress
{
    private const string Allowed =
        "Allowed are http://<ip>:<port>, http://localhost:<port>, http://*:<port> for every address, and unix:/<path>.";

    public static void Validate(ServerConfiguration server, List<ConfigurationError> errors)
    {
        if (server.Listen.Count == 0) errors.Add(new("Server:Listen", "There is no address to listen on.", Allowed));
        for (var i = 0; i < server.Listen.Count; i++)
        {
            var path = $"Server:Listen:{i}";
            if (Check(server.Listen[i]) is not { } isLocal)
                errors.Add(new(path, $"'{server.Listen[i]}' is not an address to listen on.{Hint(server.Listen[i])}", Allowed));
            else if (!isLocal && server.ApiKeys.Count == 0)
                errors.Add(new(
                    path,
                    $"'{server.Listen[i]}' can be reached from other machines, and there are no API keys.",
                    $"{ServerReader.KeyCure} Or listen on 127.0.0.1 only."));
        }
    }

    /// <summary>Whether an address is reached from this machine only; null when it is no address.</summary>
    public static bool? Check(string address)
    {
        if (address.StartsWith("unix:", StringComparison.Ordinal)) return IsSocketPath(address["unix:".Length..]) ? true : null;
        if (!address.StartsWith("http://", StringComparison.OrdinalIgnoreCase)) return null;
        var rest = address["http://".Length..].TrimEnd('/');
        var colon = rest.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _)) return null;
        var host = rest[..colon];
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return true;
        if (host is "*" or "+") return false;
        var isBracketed = host[0] == '[' && host[^1] == ']';
        return IPAddress.TryParse(isBracketed ? host[1..^1] : host, out var ip) && isBracketed == host.Contains(':', StringComparison.Ordinal)
            ? IPAddress.IsLoopback(ip)
            : null;
    }

    private static bool IsSocketPath(string path)
    {
        if (path.Length < 2 || path[0] != '/') return false;
        try
        {
            _ = new UnixDomainSocketEndPoint(path);
            return true;
        }
        catch (ArgumentOutOfRangeException)
        {
            // How long a path may be depends on the operating system, which only this constructor tells.
            return false;
        }
    }

    private static string Hint(string address) =>
        address.StartsWith("unix:/", StringComparison.Ordinal) ? " The path is too long for a socket." :
        address.StartsWith("https:", StringComparison.OrdinalIgnoreCase) ? " The host does not do TLS: put a proxy before it." :
        // The server would take an unknown host name for every address: that must be said, not guessed.
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == "http" && uri.Port > 0 && uri.HostNameType == UriHostNameType.Dns
            ? " A host name is not resolved."
            : "";
}
