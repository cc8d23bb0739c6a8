using System.Diagnostics.Tracing;
using System.Text.Json;
using System.Text.RegularExpressions;
using PluginHost.Telemetry.Metrics;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Export;

/// <summary>
/// Counts and logs failed exports. The SDK tells of them by an event source only, one for the whole process: what goes to
/// other endpoints than this host's is passed over.
/// </summary>
internal sealed partial class ExportFailureListener : EventListener
{
    private const string Source = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    private readonly IReadOnlyList<OtlpSignal> _signals;
    private readonly TelemetryInstruments _instruments;
    private readonly TelemetryHealth _health;
    private readonly ILogger _logger;
    private readonly LogRate _rate;

    public ExportFailureListener(
        IEnumerable<OtlpSignal> signals, TelemetryInstruments instruments, TelemetryHealth health, TimeProvider time, ILogger logger)
    {
        (_signals, _instruments, _health, _logger, _rate) = ([.. signals], instruments, health, logger, new LogRate(time));
        // The base constructor shows sources before the fields are set, so they are enabled only now.
        foreach (var source in EventSource.GetSources()) Enable(source);
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (_rate is not null) Enable(eventSource);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (ErrorTypeOf(eventData) is not { } errorType) return;
        var endpoint = eventData.Payload is [string text, ..] ? text : "";
        if (SignalOf(endpoint) is not { } signal) return;
        _instruments.ExportFailures.Add(1, new(Attributes.Signal, signal.Name), new(Attributes.ErrorType, errorType));
        _health.Failed(signal.Name, errorType);
        if (_rate.Count() is { } failures) Log.ExportFailed(_logger, signal.Name, endpoint, errorType, failures);
    }

    private void Enable(EventSource source)
    {
        if (source.Name == Source) EnableEvents(source, EventLevel.Warning);
    }

    private OtlpSignal? SignalOf(string endpoint)
    {
        var mine = _signals.Where(s => s.Endpoint is { } e && endpoint.StartsWith(e.AbsoluteUri, StringComparison.OrdinalIgnoreCase)).ToList();
        return mine.Count > 1 ? mine.Find(s => endpoint.Contains(PathWordOf(s), StringComparison.Ordinal)) : mine.FirstOrDefault();
    }

    // HTTP: /v1/traces; gRPC: /opentelemetry.proto.collector.trace.v1.TraceService/Export.
    private static string PathWordOf(OtlpSignal signal) => signal.Name == "traces" ? "trace" : signal.Name;

    private static string? ErrorTypeOf(EventWrittenEventArgs e) => e.EventName switch
    {
        "FailedToReachCollector" or "TransientHttpError" => "unreachable",
        "RequestTimedOut" or "OperationUnexpectedlyCanceled" => "timeout",
        "HttpRequestFailed" => StatusOf(e, HttpStatus()) ?? "unreachable",
        "ExportFailure" => StatusOf(e, GrpcStatus()) is { } status ? JsonNamingPolicy.SnakeCaseLower.ConvertName(status) : "rejected",
        "ResponseDeserializationFailed" => "bad_response",
        _ => null,
    };

    private static string? StatusOf(EventWrittenEventArgs e, Regex pattern) =>
        e.Payload?.OfType<string>().Skip(1).Select(text => pattern.Match(text)).FirstOrDefault(m => m.Success)?.Groups[1].Value;

    [GeneratedRegex(@"does not indicate success: (\d{3})")]
    private static partial Regex HttpStatus();

    [GeneratedRegex("StatusCode=\"?([A-Za-z]+)")]
    private static partial Regex GrpcStatus();
}
