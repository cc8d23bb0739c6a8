using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using PluginHost.Telemetry;

namespace PluginHost.Tests.Telemetry;

/// <summary>Signal and error type of each failed export.</summary>
internal sealed class FailureCount : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string, string)> _seen = new();

    public FailureCount()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == TelemetryNames.MetricNames.ExportFailures) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            Assert.Equal(1, value);
            _seen.Enqueue(((string)tags[0].Value!, (string)tags[1].Value!));
        });
        _listener.Start();
    }

    public IReadOnlyList<(string Signal, string ErrorType)> Seen => [.. _seen];

    public void Dispose() => _listener.Dispose();
}

/// <summary>What is logged, as text.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(formatter(state, exception));

    public void Dispose()
    {
    }
}
