using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Tests.Telemetry;

namespace PluginHost.Tests.Engine;

/// <summary>An operator sees in the log that runs arrive, and how they end.</summary>
public sealed class RunLineTests
{
    [Fact]
    public async Task Each_run_is_one_line_with_agent_session_outcome_time_and_tokens()
    {
        using var logs = new Lines();
        await using var engine = new TestEngine(new StubModel(), [], time: new FakeTimeProvider(), logs: logs);

        var run = await engine.RunAsync("one", "hi");

        // Written after the caller has its answer.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Assert.Equal(
            $"Run {run.Id} of agent assistant in session one: completed in 0 ms, 10 tokens in, 3 tokens out, request untraced.",
            await logs.Runs.Reader.ReadAsync(limit.Token));
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public Channel<string> Runs { get; } = Channel.CreateUnbounded<string>();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == "RunEnded") Runs.Writer.TryWrite(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
