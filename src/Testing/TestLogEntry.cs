using System.Collections.Concurrent;

namespace PluginHost.Sdk.Testing;

/// <summary>A log entry of a plugin or of the host.</summary>
public sealed record TestLogEntry
{
    /// <summary>The logger's category: <c>PluginHost.Plugin.{plugin}</c> for a plugin.</summary>
    public required string Category { get; init; }

    /// <summary>The level.</summary>
    public required LogLevel Level { get; init; }

    /// <summary>The message with its values.</summary>
    public required string Message { get; init; }

    /// <summary>The exception that was logged; null when there was none.</summary>
    public Exception? Exception { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Level} {Category}: {Message}";
}

/// <summary>Keeps log entries. Thread-safe.</summary>
internal sealed class TestLog : ILoggerProvider
{
    private readonly ConcurrentQueue<TestLogEntry> _entries = new();

    public IReadOnlyList<TestLogEntry> Entries => [.. _entries];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(TestLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log._entries.Enqueue(new()
            {
                Category = category,
                Level = logLevel,
                Message = formatter(state, exception),
                Exception = exception,
            });
    }
}
