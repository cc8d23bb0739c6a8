using System.Globalization;
using PluginHost.Engine.Configuration.Listening;
using PluginHost.Telemetry.Prometheus;

namespace PluginHost.Telemetry.Export;

/// <summary>The exporters of a signal.</summary>
[Flags]
internal enum SignalExport
{
    None = 0,
    Otlp = 1,
    Console = 2,

    /// <summary>An endpoint for Prometheus to scrape; only for metrics.</summary>
    Prometheus = 4,
}

/// <summary>
/// The settings in the standard <c>OTEL_*</c> variables, read from the configuration, which includes the environment. The OpenTelemetry
/// SDK reads all other variables. Immutable.
/// </summary>
internal sealed record TelemetrySettings(SignalExport Traces, SignalExport Metrics, SignalExport Logs)
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Whether spans may record messages and instructions.</summary>
    public bool CaptureContent { get; private init; }

    /// <summary>One of <see cref="StandardSampler.Names"/>.</summary>
    public string Sampler { get; private init; } = StandardSampler.Default;

    /// <summary>The fraction of traces that a ratio sampler keeps, 0 to 1.</summary>
    public double SamplerRatio { get; private init; } = 1;

    /// <summary>The address for Prometheus to scrape; null for none.</summary>
    public ListenAddress? Prometheus { get; private init; }

    /// <summary>How many spans may wait to be sent.</summary>
    public long SpanQueue { get; private init; }

    /// <summary>How many log records may wait to be sent.</summary>
    public long LogQueue { get; private init; }

    /// <summary>Whether any signal has an exporter.</summary>
    public bool HasExporters => (Traces | Metrics | Logs) != SignalExport.None;

    /// <summary>Reads all variables and adds errors to <paramref name="errors"/>.</summary>
    public static TelemetrySettings Read(IConfiguration configuration, bool hasApiKeys, List<string> errors)
    {
        OtelVariable.Validate(configuration, errors);
        var isDisabled = IsTrue(configuration["OTEL_SDK_DISABLED"]);
        var metrics = ReadExport(configuration, "METRICS", errors);
        var isScraped = metrics.HasFlag(SignalExport.Prometheus);
        // A wrong address is an error also while nothing is scraped.
        var scraped = PrometheusAddress.Read(configuration, hasApiKeys || !isScraped, errors);
        var settings = new TelemetrySettings(
            ReadExport(configuration, "TRACES", errors), metrics, ReadExport(configuration, "LOGS", errors))
        {
            Prometheus = isScraped ? scraped : null,
            CaptureContent = IsTrue(configuration["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"]),
            Sampler = ReadSampler(configuration, errors),
            SamplerRatio = ReadRatio(configuration, errors),
            SpanQueue = OtelVariable.ReadNumber(configuration, "OTEL_BSP_MAX_QUEUE_SIZE", 2048),
            LogQueue = OtelVariable.ReadNumber(configuration, "OTEL_BLRP_MAX_QUEUE_SIZE", 2048),
        };
        return isDisabled ? settings with { Traces = 0, Metrics = 0, Logs = 0, Prometheus = null } : settings;
    }

    private static SignalExport ReadExport(IConfiguration configuration, string signal, List<string> errors)
    {
        var variable = $"OTEL_{signal}_EXPORTER";
        var value = configuration[variable];
        if (string.IsNullOrWhiteSpace(value))
            return HasValue(configuration, Endpoint) || HasValue(configuration, $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT") ? SignalExport.Otlp : 0;
        var export = SignalExport.None;
        foreach (var name in value.Split(',', StringSplitOptions.TrimEntries))
        {
            switch (name)
            {
                case "otlp": export |= SignalExport.Otlp; break;
                case "console": export |= SignalExport.Console; break;
                case "prometheus" when signal == "METRICS": export |= SignalExport.Prometheus; break;
                case "none": break;
                default: errors.Add($"{variable}: unknown value '{value}'. Allowed: {GetAllowed(signal)}, or several separated by commas."); break;
            }
        }

        return export;
    }

    private static string GetAllowed(string signal) => signal == "METRICS" ? "none, otlp, console, prometheus" : "none, otlp, console";

    private static string ReadSampler(IConfiguration configuration, List<string> errors)
    {
        var value = configuration["OTEL_TRACES_SAMPLER"];
        if (string.IsNullOrWhiteSpace(value)) return StandardSampler.Default;
        if (!StandardSampler.Names.Contains(value))
            errors.Add($"OTEL_TRACES_SAMPLER: unknown value '{value}'. Allowed: {string.Join(", ", StandardSampler.Names)}.");
        return value;
    }

    private static double ReadRatio(IConfiguration configuration, List<string> errors)
    {
        var value = configuration["OTEL_TRACES_SAMPLER_ARG"];
        if (string.IsNullOrWhiteSpace(value)) return 1;
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1) return ratio;
        errors.Add($"OTEL_TRACES_SAMPLER_ARG: expected a number from 0 to 1, got '{value}'.");
        return 1;
    }

    private static bool HasValue(IConfiguration configuration, string variable) => !string.IsNullOrWhiteSpace(configuration[variable]);

    private static bool IsTrue(string? value) => string.Equals(value?.Trim(), "true", StringComparison.OrdinalIgnoreCase);
}
