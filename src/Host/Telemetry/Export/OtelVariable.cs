using System.Globalization;

namespace PluginHost.Telemetry.Export;

/// <summary>A standard variable that has an effect, and the values that it takes. The only list of them.</summary>
/// <param name="Name">The name.</param>
/// <param name="Allowed">What is allowed, for people.</param>
/// <param name="IsValid">Whether a value is allowed.</param>
internal sealed record OtelVariable(string Name, string Allowed, Func<string, bool> IsValid)
{
    private const string Prefix = "OTEL_";

    private static readonly string[] Signals = ["", "TRACES_", "METRICS_", "LOGS_"];

    /// <summary>All of them. Those of exporters, samplers and Prometheus are read, and checked, where they are used.</summary>
    public static IReadOnlyList<OtelVariable> All { get; } =
    [
        .. Signals.Select(s => OneOf($"OTEL_EXPORTER_OTLP_{s}PROTOCOL", "grpc", "http/protobuf")),
        .. Signals.Select(s => new OtelVariable($"OTEL_EXPORTER_OTLP_{s}ENDPOINT", "an absolute URL, for example http://localhost:4317", IsUrl)),
        .. Signals.Select(s => new OtelVariable($"OTEL_EXPORTER_OTLP_{s}HEADERS", "name=value pairs separated by commas, with escapes as in URLs", IsPairs)),
        .. Signals.Select(s => Number($"OTEL_EXPORTER_OTLP_{s}TIMEOUT", 1)),
        .. Signals.Select(s => OneOf($"OTEL_EXPORTER_OTLP_{s}COMPRESSION", "gzip", "none")),
        .. new[] { "CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY" }.Select(s => new OtelVariable($"OTEL_EXPORTER_OTLP_{s}", "the path of a file that exists", File.Exists)),
        .. new[] { "BSP", "BLRP" }.SelectMany(s => new[] { Number($"OTEL_{s}_SCHEDULE_DELAY", 1), Number($"OTEL_{s}_EXPORT_TIMEOUT", 1), Number($"OTEL_{s}_MAX_QUEUE_SIZE", 1), Number($"OTEL_{s}_MAX_EXPORT_BATCH_SIZE", 1) }),
        Number("OTEL_METRIC_EXPORT_INTERVAL", 1),
        Number("OTEL_METRIC_EXPORT_TIMEOUT", 1),
        OneOf("OTEL_METRICS_EXEMPLAR_FILTER", "always_on", "always_off", "trace_based"),
        OneOf("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "cumulative", "delta", "lowmemory"),
        OneOf("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "explicit_bucket_histogram", "base2_exponential_bucket_histogram"),
        OneOf("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory", "disk"),
        Any("OTEL_DOTNET_EXPERIMENTAL_OTLP_DISK_RETRY_DIRECTORY_PATH"),
        Truth("OTEL_DOTNET_EXPERIMENTAL_OTLP_EMIT_EVENT_LOG_ATTRIBUTES"),
        OneOf("OTEL_DOTNET_EXPERIMENTAL_METRICS_EXEMPLAR_FILTER_HISTOGRAMS", "always_on", "always_off", "trace_based"),
        .. new[] { "", "SPAN_", "LOGRECORD_" }.SelectMany(s => new[] { Number($"OTEL_{s}ATTRIBUTE_COUNT_LIMIT", 0), Number($"OTEL_{s}ATTRIBUTE_VALUE_LENGTH_LIMIT", 0) }),
        .. new[] { "SPAN_EVENT", "SPAN_LINK", "EVENT_ATTRIBUTE", "LINK_ATTRIBUTE" }.Select(s => Number($"OTEL_{s}_COUNT_LIMIT", 0)),
        Truth("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION"),
        Truth("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_ENABLE_GRPC_INSTRUMENTATION"),
        Truth("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION"),
        Any("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS"),
        OneOfAnyCase("OTEL_LOG_LEVEL", "none", "error", "warn", "warning", "info", "information", "debug", "trace"),
        ListOf("OTEL_DOTNET_SELF_DIAGNOSTICS_SINKS", "none", "file", "stdout", "stderr", "console"),
        OneOfAnyCase("OTEL_DOTNET_SELF_DIAGNOSTICS_ENV_VARS", "none", "names", "knownsafe", "all"),
        Any("OTEL_DOTNET_SELF_DIAGNOSTICS_LOG_DIRECTORY"),
        new("OTEL_RESOURCE_ATTRIBUTES", "name=value pairs separated by commas, with escapes as in URLs", IsPairs),
        Any("OTEL_SERVICE_NAME"),
        Truth("OTEL_SDK_DISABLED"),
        Truth("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"),
        .. new[] { "OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_EXPORTER_PROMETHEUS_HOST", "OTEL_EXPORTER_PROMETHEUS_PORT" }.Select(Any),
    ];

    /// <summary>Checks all values.</summary>
    public static void Validate(IConfiguration configuration, List<string> errors)
    {
        foreach (var variable in All)
        {
            if (configuration[variable.Name] is { } value && !string.IsNullOrWhiteSpace(value) && !variable.IsValid(value.Trim()))
                errors.Add($"{variable.Name}: invalid value '{Show(variable.Name, value)}'. Allowed: {variable.Allowed}.");
        }

        foreach (var queue in new[] { "OTEL_BSP_", "OTEL_BLRP_" })
        {
            var (size, batch) = (ReadNumber(configuration, $"{queue}MAX_QUEUE_SIZE", 2048), ReadNumber(configuration, $"{queue}MAX_EXPORT_BATCH_SIZE", 512));
            if (size > 0 && batch > size) errors.Add($"{queue}MAX_EXPORT_BATCH_SIZE: {batch} is more than {queue}MAX_QUEUE_SIZE, which is {size}. Allowed: at most that.");
        }
    }

    /// <summary>The variables that are set and have no effect.</summary>
    public static IReadOnlyList<string> FindIgnored(IConfiguration configuration) =>
    [
        .. configuration.AsEnumerable().Where(v => v.Value is { Length: > 0 } && v.Key.StartsWith(Prefix, StringComparison.Ordinal)).Select(v => v.Key)
            .Except(All.Select(v => v.Name)).Order(StringComparer.Ordinal),
    ];

    public static long ReadNumber(IConfiguration configuration, string name, long otherwise) =>
        long.TryParse(configuration[name], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private static OtelVariable OneOf(string name, params string[] values) => new(name, string.Join(", ", values), v => values.Contains(v, StringComparer.Ordinal));

    private static OtelVariable OneOfAnyCase(string name, params string[] values) => new(name, string.Join(", ", values), v => values.Contains(v, StringComparer.OrdinalIgnoreCase));

    // The SDK ignores the case and empty entries.
    private static OtelVariable ListOf(string name, params string[] values) => new(
        name,
        $"{string.Join(", ", values)}, or several separated by commas",
        v => v.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).All(word => values.Contains(word, StringComparer.OrdinalIgnoreCase)));

    private static OtelVariable Truth(string name) => new(name, "true, false", v => bool.TryParse(v, out _));

    private static OtelVariable Any(string name) => new(name, "any text", static _ => true);

    private static OtelVariable Number(string name, int least) =>
        new(name, $"a whole number from {least} to {int.MaxValue}", v => int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least);

    private static bool IsUrl(string value) => Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    private static bool IsPairs(string value) => value.Split(',').All(p => p.Trim().Length == 0 || p.IndexOf('=', StringComparison.Ordinal) > 0);

    // Headers hold credentials, and so may an address.
    private static string Show(string name, string value) => name.EndsWith("HEADERS", StringComparison.Ordinal) || value.Contains('@', StringComparison.Ordinal) ? "…" : value;
}
