using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Listening;

/// <summary>Checks the addresses that the host listens on.</summary>
internal static class ListenValidator
{
    private const string Cure = $"Allowed are {ListenAddress.Allowed}.";

    public static void Validate(ServerConfiguration server, List<ConfigurationError> errors)
    {
        if (server.Listen.Count == 0) errors.Add(new("Server:Listen", "There is no address to listen on.", Cure));
        for (var i = 0; i < server.Listen.Count; i++)
        {
            var path = $"Server:Listen:{i}";
            if (ListenAddress.TryParse(server.Listen[i]) is not { } address)
                errors.Add(new(path, $"'{server.Listen[i]}' is not an address to listen on.{Hint(server.Listen[i])}", Cure));
            else if (!address.IsLocal && !server.NeedsAuthentication)
                errors.Add(new(
                    path,
                    $"'{server.Listen[i]}' can be reached from other machines, and there are no API keys.",
                    $"{KeySources.Cure} Or listen on 127.0.0.1 only."));
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
