using System.Globalization;
using OpenTelemetry.Exporter;

namespace PluginHost.Telemetry.Export;

/// <summary>
/// The export of one signal to the collector. The OpenTelemetry SDK reads the variables for all signals; this class reads those for one
/// signal (<c>OTEL_EXPORTER_OTLP_TRACES_…</c>), which have precedence.
/// </summary>
/// <param name="name">The value of the signal attribute: traces, metrics or logs.</param>
internal sealed class OtlpSignal(string name)
{
    private readonly List<HttpClient> _clients = [];

    public string Name { get; } = name;

    /// <summary>Called with the items of each batch that the collector accepted, and how many of them it rejected.</summary>
    public Action<long, long>? Accepted { get; set; }

    /// <summary>The endpoint without the path of the signal; null before the exporter is configured.</summary>
    public Uri? Endpoint { get; private set; }

    public void Configure(OtlpExporterOptions options, IConfiguration configuration)
    {
        var prefix = $"OTEL_EXPORTER_OTLP_{Name.ToUpperInvariant()}_";
        if (configuration[prefix + "PROTOCOL"] is { Length: > 0 } protocol)
            options.Protocol = protocol.Trim() == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        if (configuration[prefix + "ENDPOINT"] is { Length: > 0 } endpoint) options.Endpoint = new(endpoint);
        if (configuration[prefix + "HEADERS"] is { Length: > 0 } headers) options.Headers = headers;
        if (int.TryParse(configuration[prefix + "TIMEOUT"], CultureInfo.InvariantCulture, out var timeout)) options.TimeoutMilliseconds = timeout;
        if (configuration[prefix + "COMPRESSION"] is { Length: > 0 } compression)
            options.Compression = compression.Trim() == "gzip" ? OtlpExportCompression.GZip : OtlpExportCompression.None;
        Endpoint = options.Endpoint;
        var create = options.HttpClientFactory;
        options.HttpClientFactory = () =>
        {
            var inner = create();
            var client = new HttpClient(new SignalHandler(inner, Name == "metrics", (items, rejected) => Accepted?.Invoke(items, rejected))) { Timeout = inner.Timeout };
            lock (_clients) _clients.Add(client);
            return client;
        };
    }

    /// <summary>Cancels requests in progress and makes all later requests fail immediately.</summary>
    public void CancelRequests()
    {
        lock (_clients)
        {
            foreach (var client in _clients) client.Dispose();
        }
    }
}
