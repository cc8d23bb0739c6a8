using System.Globalization;
using System.Net;

namespace PluginHost.Api.Listening;

/// <summary>One address to listen on, in the form the server needs: a TCP port or a Unix socket. Immutable.</summary>
internal sealed record BindAddress
{
    public const string Allowed = "http://<IP address, localhost or *>:<port>, or unix:/absolute/path";

    private BindAddress()
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

    /// <exception cref="FormatException">The text is not an address; the message says what is allowed.</exception>
    public static BindAddress Parse(string text)
    {
        if (text.StartsWith("unix:", StringComparison.Ordinal)) return ParseSocket(text["unix:".Length..], text);
        var host = text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? text["http://".Length..].TrimEnd('/') : "";
        var colon = host.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) throw Wrong(text);
        var name = host[..colon];
        if (name.Equals("localhost", StringComparison.OrdinalIgnoreCase)) return new BindAddress { Port = port };
        if (name is "*" or "+") return new BindAddress { Address = IPAddress.IPv6Any, Port = port };
        return IPAddress.TryParse(name.Trim('[', ']'), out var address) ? new BindAddress { Address = address, Port = port } : throw Wrong(text);
    }

    private static BindAddress ParseSocket(string path, string text)
    {
        // Both "unix:/path" and the "unix:///path" of URLs.
        if (path.StartsWith("//", StringComparison.Ordinal)) path = path[2..];
        return Path.IsPathFullyQualified(path) ? new BindAddress { SocketPath = path } : throw Wrong(text);
    }

    private static FormatException Wrong(string text) => new($"'{text}' is not an address to listen on. Allowed: {Allowed}.");
}
