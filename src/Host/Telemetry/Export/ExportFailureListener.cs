using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Text.Json;
using System.Text.RegularExpressions;
using PluginHost.Engine.Observation;
using PluginHost.Telemetry.Metrics;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Export;

/// <summary>
/// Counts and logs failed exports. The OpenTelemetry SDK reports them only through an event source of the process, so events of other
/// endpoints are ignored.
/// </summary>
internal sealed partial class ExportFailureListener : EventListener
{
    private const string Source = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    private readonly IReadOnlyList<OtlpSignal> _signals;
    private readonly TelemetryInstruments _instruments;
    private readonly TelemetryHealth _health;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    // Of each collector: one that fails often would keep the others out of the log.
    private readonly ConcurrentDictionary<(string Collector, bool OfCredentials), LogRateLimiter> _limits;

    public ExportFailureListener(
        IEnumerable<OtlpSignal> signals, TelemetryInstruments instruments, TelemetryHealth health, TimeProvider time, ILogger logger)
    {
        (_signals, _instruments, _health, _time, _logger) = ([.. signals], instruments, health, time, logger);
        _limits = new ConcurrentDictionary<(string Collector, bool OfCredentials), LogRateLimiter>();
        // The base constructor calls OnEventSourceCreated before the fields are set, so enable existing sources here.
        foreach (var source in EventSource.GetSources()) Enable(source);
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (_limits is not null) Enable(eventSource);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (GetErrorType(eventData) is not { } errorType) return;
        var endpoint = eventData.Payload is [string text, ..] ? text : "";
        if (FindSignal(endpoint) is not { } signal) return;
        _instruments.Export.Failures.Add(1, new(Attributes.Signal, signal.Name), new(Attributes.ErrorType, errorType), ExportInstruments.By(TelemetryHealth.Otlp));
        _health.AddFailure(signal.Name, errorType);
        var isOfCredentials = TelemetryHealth.IsOfCredentials(errorType);
        var limit = _limits.GetOrAdd((signal.Endpoint!.Authority, isOfCredentials), static (_, time) => new LogRateLimiter(time), _time);
        if (limit.Add() is not { } failures) return;
        if (isOfCredentials) Log.CredentialsRefused(_logger, endpoint, signal.Name, errorType);
        else Log.ExportFailed(_logger, signal.Name, endpoint, errorType, failures);
    }

    private void Enable(EventSource source)
    {
        if (source.Name == Source) EnableEvents(source, EventLevel.Warning);
    }

    private OtlpSignal? FindSignal(string endpoint)
    {
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri)) return null;
        var matching = _signals.Where(s => s.Endpoint is { } e && IsBelow(uri, e)).OrderByDescending(s => s.Endpoint!.AbsolutePath.Length).ToList();
        return matching.Find(s => uri.AbsolutePath[s.Endpoint!.AbsolutePath.Length..].Contains(GetPathPart(s), StringComparison.Ordinal)) ?? matching.FirstOrDefault();
    }

    // Events of the SDK have no user, password or query.
    private static bool IsBelow(Uri uri, Uri endpoint) =>
        Uri.Compare(uri, endpoint, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0
        && uri.AbsolutePath.StartsWith(endpoint.AbsolutePath, StringComparison.OrdinalIgnoreCase);

    // HTTP: /v1/traces; gRPC: /opentelemetry.proto.collector.trace.v1.TraceService/Export.
    private static string GetPathPart(OtlpSignal signal) => signal.Name == "traces" ? "trace" : signal.Name;

    private static string? GetErrorType(EventWrittenEventArgs e) => e.EventName switch
    {
        "FailedToReachCollector" or "TransientHttpError" => "unreachable",
        "RequestTimedOut" or "OperationUnexpectedlyCanceled" => "timeout",
        "HttpRequestFailed" => FindStatus(e, HttpStatus()) ?? "unreachable",
        "ExportFailure" => FindStatus(e, GrpcStatus()) is { } status ? JsonNamingPolicy.SnakeCaseLower.ConvertName(status) : "rejected",
        "ResponseDeserializationFailed" => "bad_response",
        _ => null,
    };

    private static string? FindStatus(EventWrittenEventArgs e, Regex pattern) =>
        e.Payload?.OfType<string>().Skip(1).Select(text => pattern.Match(text)).FirstOrDefault(m => m.Success)?.Groups[1].Value;

    [GeneratedRegex(@"does not indicate success: (\d{3})")]
    private static partial Regex HttpStatus();

    [GeneratedRegex("StatusCode=\"?([A-Za-z]+)")]
    private static partial Regex GrpcStatus();
}
