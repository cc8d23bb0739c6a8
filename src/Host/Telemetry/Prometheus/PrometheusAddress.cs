using System.Globalization;
using PluginHost.Engine.Configuration.Listening;

namespace PluginHost.Telemetry.Prometheus;

/// <summary>Reads the address for Prometheus from the standard variables.</summary>
internal static class PrometheusAddress
{
    public const string HostVariable = "OTEL_EXPORTER_PROMETHEUS_HOST";
    public const string PortVariable = "OTEL_EXPORTER_PROMETHEUS_PORT";
    private const string DefaultPort = "9464";

    /// <param name="configuration">The variables.</param>
    /// <param name="mayBeRemote">Whether other machines may reach it: with API keys, or while nothing is scraped.</param>
    /// <param name="errors">Gets what is wrong.</param>
    /// <returns>The address; null, with an error in <paramref name="errors"/>, when it is invalid.</returns>
    public static ListenAddress? Read(IConfiguration configuration, bool mayBeRemote, List<string> errors)
    {
        var host = GetValue(configuration[HostVariable], "localhost");
        var port = GetValue(configuration[PortVariable], DefaultPort);
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            errors.Add($"{PortVariable}: expected a port from 0 to 65535, got '{port}'. 0 selects a free port.");
            return null;
        }

        if (Parse(host, port) is not { } address)
        {
            errors.Add($"{HostVariable}: invalid value '{host}'. Allowed: localhost, an IP address, or * for all addresses.");
            return null;
        }

        if (address.IsLocal || mayBeRemote) return address;
        errors.Add(
            $"{HostVariable}: '{host}' is reachable from other machines, but there are no API keys. "
            + "Configure keys (PLUGINHOST_ADMIN_KEY, Server:KeyFile) and let Prometheus send an admin key, or use 127.0.0.1.");
        return null;
    }

    private static ListenAddress? Parse(string host, string port)
    {
        var isIPv6 = host.Contains(':', StringComparison.Ordinal) && host[0] != '[';
        return ListenAddress.TryParse(isIPv6 ? $"http://[{host}]:{port}" : $"http://{host}:{port}");
    }

    private static string GetValue(string? value, string defaultValue) => string.IsNullOrWhiteSpace(value) ? defaultValue : value.Trim();
}
