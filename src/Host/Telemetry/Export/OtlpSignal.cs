using System.Globalization;
using OpenTelemetry.Exporter;

namespace PluginHost.Telemetry.Export;

/// <summary>
/// One signal on its way to the collector. The SDK reads the variables that hold for all signals; those that hold for one
/// (<c>OTEL_EXPORTER_OTLP_TRACES_…</c>) win, and are read here.
/// </summary>
/// <param name="name">As attribute values have it: traces, metrics or logs.</param>
internal sealed class OtlpSignal(string name)
{
    private readonly List<HttpClient> _clients = [];

    public string Name { get; } = name;

    /// <summary>Where it goes, without the path that the signal adds; null until the exporter has been configured.</summary>
    public Uri? Endpoint { get; private set; }

    public void Configure(OtlpExporterOptions options, IConfiguration configuration)
    {
        var prefix = $"OTEL_EXPORTER_OTLP_{Name.ToUpperInvariant()}_";
        if (configuration[prefix + "PROTOCOL"] is { Length: > 0 } protocol)
            options.Protocol = protocol == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        if (configuration[prefix + "ENDPOINT"] is { Length: > 0 } endpoint) options.Endpoint = new(endpoint);
        if (configuration[prefix + "HEADERS"] is { Length: > 0 } headers) options.Headers = headers;
        if (int.TryParse(configuration[prefix + "TIMEOUT"], CultureInfo.InvariantCulture, out var timeout)) options.TimeoutMilliseconds = timeout;
        if (configuration[prefix + "COMPRESSION"] is { Length: > 0 } compression)
            options.Compression = compression == "gzip" ? OtlpExportCompression.GZip : OtlpExportCompression.None;
        Endpoint = options.Endpoint;
        var create = options.HttpClientFactory;
        options.HttpClientFactory = () =>
        {
            var client = create();
            lock (_clients) _clients.Add(client);
            return client;
        };
    }

    /// <summary>Ends requests in flight and fails all later ones at once.</summary>
    public void Cut()
    {
        lock (_clients)
        {
            foreach (var client in _clients) client.Dispose();
        }
    }
}
