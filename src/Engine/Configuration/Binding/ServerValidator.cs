using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Listening;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Checks the addresses, host names, keys and tokens of the <c>Server</c> section.</summary>
internal sealed class ServerValidator(ServerConfiguration server, List<ConfigurationError> errors)
{
    private const string AllowedAddresses = $"Allowed are {ListenAddress.Allowed}.";

    public void Validate()
    {
        if (server.Listen.Count == 0) errors.Add(new("Server:Listen", "There is no address to listen on.", AllowedAddresses));
        for (var i = 0; i < server.Listen.Count; i++) ValidateAddress(server.Listen[i], $"Server:Listen:{i}");
        for (var i = 0; i < server.AllowedHosts.Count; i++)
        {
            // A wildcard would admit every name of an attacker who rebinds names, and a port is not compared.
            if (Uri.CheckHostName(server.AllowedHosts[i]) == UriHostNameType.Unknown)
                errors.Add(new(
                    $"Server:AllowedHosts:{i}",
                    $"'{server.AllowedHosts[i]}' is not a host name.",
                    "Allowed are a name or an IP address, without scheme, port and wildcard."));
        }

        for (var i = 0; i < server.AllowedOrigins.Count; i++)
        {
            // A wildcard would admit every page that a user visits.
            if (!IsOrigin(server.AllowedOrigins[i]))
                errors.Add(new(
                    $"Server:AllowedOrigins:{i}",
                    $"'{server.AllowedOrigins[i]}' is not the origin of a page.",
                    "Allowed is an exact origin as browsers send it: https://app.example or http://localhost:3000, without path, slash at the end, default port and wildcard."));
        }

        if (server.FileKeys.Any(f => server.Keys.Any(k => k.Hash == f.Hash && k != f)))
            errors.Add(new("Server:KeyFile", "A key of the file is also one of Server:ApiKeys, for another tenant or right.", "Give each a separate key."));
        if (server.Jwt is { } jwt) ValidateTokens(jwt);
    }

    private void ValidateAddress(string text, string path)
    {
        if (ListenAddress.TryParse(text) is not { } address)
            errors.Add(new(path, $"'{text}' is not an address to listen on.{Hint(text)}", AllowedAddresses));
        else if (!address.IsLocal && !server.NeedsAuthentication)
            errors.Add(new(
                path,
                $"'{text}' can be reached from other machines, and there are no API keys.",
                $"{KeySources.Cure} Or listen on 127.0.0.1 only."));
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is ("https" or "http") && uri.UserInfo.Length == 0
        && text.Equals($"{uri.Scheme}://{uri.Authority}", StringComparison.OrdinalIgnoreCase) && !text.Contains('*', StringComparison.Ordinal);

    private static string Hint(string address) =>
        SocketAddress.TryGetPath(address) is { } path && Path.IsPathFullyQualified(path) ? " The path is too long for a socket." :
        address.StartsWith("https:", StringComparison.OrdinalIgnoreCase) ? " The host does not do TLS: put a proxy before it." :
        // The server would listen on every address for an unknown host name.
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == "http" && uri.Port > 0 && uri.HostNameType == UriHostNameType.Dns
            ? " A host name is not resolved."
            : "";

    private void ValidateTokens(JwtConfiguration jwt)
    {
        if (jwt.Authority is null == jwt.KeysFile is null)
            Refuse(nameof(jwt.Authority), "The signing keys come either from Authority or from KeysFile.", "Write one of the two.");
        if (jwt.Authority is { } authority && !IsAuthority(authority))
            Refuse(nameof(jwt.Authority), $"'{authority}' is not an address to get keys from.", "Allowed are https://…, and http://… on this machine.");
        if (jwt.KeysFile is { } file)
        {
            if (string.IsNullOrEmpty(jwt.Issuer)) Refuse(nameof(jwt.Issuer), "'Issuer' must be given with KeysFile.", "Write what a token's iss must be.");
            if (SigningKeys.Read(file).Error is { } error) Refuse(nameof(jwt.KeysFile), error, SigningKeys.Cure);
        }

        if (string.IsNullOrEmpty(jwt.AdminClaim) != string.IsNullOrEmpty(jwt.AdminValue))
            Refuse(nameof(jwt.AdminClaim), "AdminClaim and AdminValue belong together.", "Write both, or neither: then no token makes an admin.");

        void Refuse(string setting, string message, string cure) => errors.Add(new($"Server:Jwt:{setting}", message, cure));
    }

    private static bool IsAuthority(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback));
}
