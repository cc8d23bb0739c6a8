namespace PluginHost.Engine.Configuration.Listening;

/// <summary>The text form of a Unix socket's address. Windows has Unix sockets too, with paths such as <c>C:\run\host.sock</c>.</summary>
internal static class SocketAddress
{
    private const string Scheme = "unix:", Authority = "//";

    /// <summary>
    /// Gets the path from <c>unix:/path</c> or <c>unix:///path</c>, on Windows also from <c>unix:C:\path</c> and <c>unix:///C:/path</c>.
    /// Returns null for other addresses. The path may be relative.
    /// </summary>
    public static string? TryGetPath(string address) => TryGetPath(address, OperatingSystem.IsWindows());

    /// <inheritdoc cref="TryGetPath(string)"/>
    public static string? TryGetPath(string address, bool isWindows)
    {
        if (!address.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var path = address[Scheme.Length..];
        if (path.StartsWith(Authority, StringComparison.Ordinal)) path = path[Authority.Length..];
        return isWindows && path is ['/', var drive, ':', ..] && char.IsAsciiLetter(drive) ? path[1..] : path;
    }
}
