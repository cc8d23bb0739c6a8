using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PluginHost.Engine.Configuration.Listening;

/// <summary>One address to listen on: a TCP port or a Unix socket. Immutable.</summary>
internal sealed record ListenAddress
{
    public const string Allowed = "http://<ip>:<port>, http://localhost:<port>, http://*:<port> for every address, and unix:/<path>";

    private const string Http = "http://", Https = "https://";

    private ListenAddress()
    {
    }

    /// <summary>The path of the Unix socket; null for TCP.</summary>
    public string? SocketPath { get; private init; }

    /// <summary>
    /// The IP address, <see cref="IPAddress.IPv6Any"/> for every one; null for <c>localhost</c> (both loopback addresses) and Unix sockets.
    /// </summary>
    public IPAddress? Address { get; private init; }

    public int Port { get; private init; }

    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLocal => Address is null || IPAddress.IsLoopback(Address);

    /// <summary>Null when the text is no address.</summary>
    public static ListenAddress? TryParse(string text)
    {
        if (SocketAddress.TryGetPath(text) is { } path) return ParseSocket(path);
        var rest = text.StartsWith(Http, StringComparison.OrdinalIgnoreCase) ? text[Http.Length..].TrimEnd('/') : "";
        var colon = rest.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return null;
        var host = rest[..colon];
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return new ListenAddress { Port = port };
        if (host is "*" or "+") return new ListenAddress { Address = IPAddress.IPv6Any, Port = port };
        var isBracketed = host[0] == '[' && host[^1] == ']';
        return IPAddress.TryParse(isBracketed ? host[1..^1] : host, out var address) && isBracketed == host.Contains(':', StringComparison.Ordinal)
            ? new ListenAddress { Address = address, Port = port }
            : null;
    }

    /// <summary>The same for an address of TLS, <c>https://ip:port</c>. Null when the text is none.</summary>
    public static ListenAddress? TryParseTls(string text) =>
        text.StartsWith(Https, StringComparison.OrdinalIgnoreCase) ? TryParse(Http + text[Https.Length..]) : null;

    /// <exception cref="FormatException">The text is no address; the message says what is allowed.</exception>
    public static ListenAddress Parse(string text) =>
        TryParse(text) ?? throw new FormatException($"'{text}' is not an address to listen on. Allowed are {Allowed}.");

    private static ListenAddress? ParseSocket(string path)
    {
        if (path.Length < 2 || !Path.IsPathFullyQualified(path)) return null;
        try
        {
            _ = new UnixDomainSocketEndPoint(path);
            return new ListenAddress { SocketPath = path };
        }
        catch (ArgumentOutOfRangeException)
        {
            // Only this constructor knows the length that the operating system allows.
            return null;
        }
    }
}
