using System.Globalization;
using PluginHost.Engine.Configuration.Listening;

namespace PluginHost.Telemetry.Prometheus;

/// <summary>Where Prometheus scrapes metrics, as the standard variables say.</summary>
internal static class PrometheusAddress
{
    public const string HostVariable = "OTEL_EXPORTER_PROMETHEUS_HOST";
    public const string PortVariable = "OTEL_EXPORTER_PROMETHEUS_PORT";
    private const string DefaultPort = "9464";

    /// <returns>The address; null when it is wrong, and then <paramref name="errors"/> say why.</returns>
    public static ListenAddress? Read(IConfiguration configuration, bool hasApiKeys, List<string> errors)
    {
        var host = Or(configuration[HostVariable], "localhost");
        var port = Or(configuration[PortVariable], DefaultPort);
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            errors.Add($"{PortVariable} is '{port}'; it has to be a port, 0 to 65535, where 0 is any free one.");
            return null;
        }

        if (Parse(host, port) is not { } address)
        {
            errors.Add($"{HostVariable} is '{host}'; allowed are localhost, an IP address, and * for every address.");
            return null;
        }

        if (address.IsLocal || hasApiKeys) return address;
        errors.Add(
            $"{HostVariable} is '{host}', which other machines can reach, and there are no API keys. "
            + "Configure keys (PLUGINHOST_ADMIN_KEY, Server:KeyFile) and let Prometheus send one of an admin, or scrape on 127.0.0.1.");
        return null;
    }

    private static ListenAddress? Parse(string host, string port)
    {
        var isIPv6 = host.Contains(':', StringComparison.Ordinal) && host[0] != '[';
        return ListenAddress.TryParse(isIPv6 ? $"http://[{host}]:{port}" : $"http://{host}:{port}");
    }

    private static string Or(string? value, string standard) => string.IsNullOrWhiteSpace(value) ? standard : value.Trim();
}
