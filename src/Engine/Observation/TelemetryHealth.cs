namespace PluginHost.Engine.Observation;

/// <summary>What became of the telemetry of each signal and exporter since the start. Thread-safe.</summary>
internal sealed class TelemetryHealth(TimeProvider time)
{
    public const string Otlp = "otlp";
    public const string Prometheus = "prometheus";

    private static readonly string[] CredentialErrors = ["401", "403", "unauthenticated", "permission_denied"];

    private readonly Lock _lock = new();
    private readonly SortedDictionary<(string Signal, string Exporter), SignalHealth> _signals = [];
    private readonly Dictionary<string, Func<long>> _queues = new(StringComparer.Ordinal);

    public IReadOnlyList<SignalHealth> Signals
    {
        get
        {
            // Those that are being sent are counted too, beside a full queue.
            lock (_lock) return [.. _signals.Values.Select(s => s with { QueuedItems = s.QueueCapacity is { } capacity ? Math.Min(capacity, _queues[s.Signal]()) : null, Detail = Describe(s) })];
        }
    }

    /// <summary>Whether a collector refuses the credentials of exports.</summary>
    public static bool IsOfCredentials(string errorType) => CredentialErrors.Contains(errorType, StringComparer.Ordinal);

    /// <summary>Adds an exported signal.</summary>
    public void AddSignal(string signal, string exporter = Otlp) => Update(signal, exporter, s => s);

    /// <summary>Adds the queue of a signal.</summary>
    /// <param name="signal">The signal.</param>
    /// <param name="capacity">How many items it holds.</param>
    /// <param name="count">Counts those in it.</param>
    public void AddQueue(string signal, long capacity, Func<long> count)
    {
        lock (_lock) _queues[signal] = count;
        Update(signal, Otlp, s => s with { QueueCapacity = capacity });
    }

    /// <summary>A batch was accepted.</summary>
    /// <param name="signal">The signal.</param>
    /// <param name="items">How many items it had.</param>
    /// <param name="rejected">How many of them the collector rejected.</param>
    /// <param name="exporter">The exporter.</param>
    public void AddSuccess(string signal, long items, long rejected = 0, string exporter = Otlp) => Update(
        signal, exporter, s => s with { SentItems = s.SentItems + items - rejected, RejectedItems = s.RejectedItems + rejected, LastSuccessAt = time.GetUtcNow() });

    public void AddFailure(string signal, string errorType) => Update(
        signal, Otlp, s => s with { FailedExports = s.FailedExports + 1, LastError = errorType, LastFailureAt = time.GetUtcNow() });

    public void AddDropped(string signal, long items) => Update(signal, Otlp, s => s with { DroppedItems = s.DroppedItems + items });

    private void Update(string signal, string exporter, Func<SignalHealth, SignalHealth> change)
    {
        lock (_lock) _signals[(signal, exporter)] = change(_signals.GetValueOrDefault((signal, exporter)) ?? new SignalHealth(signal, exporter));
    }

    private static string? Describe(SignalHealth signal)
    {
        var fails = signal.LastError is not null && !(signal.LastSuccessAt > signal.LastFailureAt);
        if (fails && IsOfCredentials(signal.LastError!))
            return $"The collector refuses the credentials ({signal.LastError}). Set them in OTEL_EXPORTER_OTLP_HEADERS, for example authorization=Bearer%20<token>.";
        if (fails && signal.LastSuccessAt is null)
            return $"Nothing has been sent since the start ({signal.LastError}). Check OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL, and that the collector runs.";
        if (fails) return $"Nothing has been sent since the last success ({signal.LastError}). Check that the collector runs; its log may say why it takes nothing.";
        if (signal.RejectedItems > 0) return "The collector accepted batches and rejected items of them; its log says why.";
        return signal.DroppedItems > 0
            ? "The queue was full and items were dropped. Check that the collector is fast enough, or raise OTEL_BSP_MAX_QUEUE_SIZE and OTEL_BLRP_MAX_QUEUE_SIZE."
            : null;
    }
}

/// <summary>What became of the telemetry of one signal and exporter since the start.</summary>
/// <param name="Signal"><c>traces</c>, <c>metrics</c> or <c>logs</c>.</param>
/// <param name="Exporter"><c>otlp</c> or <c>prometheus</c>.</param>
internal sealed record SignalHealth(string Signal, string Exporter)
{
    /// <summary>Spans, measurements or log records that the collector accepted; scrapes of Prometheus.</summary>
    public long SentItems { get; init; }

    /// <summary>Spans or log records that wait to be sent; null for a signal without a queue.</summary>
    public long? QueuedItems { get; init; }

    /// <summary>How many the queue holds; null for a signal without a queue.</summary>
    public long? QueueCapacity { get; init; }

    /// <summary>Attempts to send a batch that failed.</summary>
    public long FailedExports { get; init; }

    /// <summary>Items of accepted batches that the collector rejected.</summary>
    public long RejectedItems { get; init; }

    /// <summary>Spans or log records for which the queue had no room.</summary>
    public long DroppedItems { get; init; }

    /// <summary>When a batch was accepted last; null when none was.</summary>
    public DateTimeOffset? LastSuccessAt { get; init; }

    /// <summary>The low-cardinality type of the last failure; null when there was none.</summary>
    public string? LastError { get; init; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? LastFailureAt { get; init; }

    /// <summary>What is wrong, with the cure; null when nothing is known to be.</summary>
    public string? Detail { get; init; }
}
