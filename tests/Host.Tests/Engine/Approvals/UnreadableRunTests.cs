using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Engine.Journal;

namespace PluginHost.Tests.Engine.Approvals;

/// <summary>A parked run that cannot be read costs neither log lines nor reads without end.</summary>
public sealed class UnreadableRunTests
{
    [Fact]
    public async Task The_expiry_of_a_run_that_cannot_be_read_is_tried_less_and_less_often_and_logged_once()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        using var logs = new Failures();
        await using var host = new ApprovalHost { Host = new JournaledHost { Time = time, Logs = logs } };
        var engine = host.Start(ApprovalHost.PayThenSay(), new SessionsConfiguration { ApprovalTimeout = TimeSpan.FromHours(1) });
        var parked = await engine.RunAsync("s", "pay");
        await host.Host.DamageAsync(parked);
        time.Advance(TimeSpan.FromHours(1));

        // 5, 10, 20, 40, 80, 160 and 320 s, then each 10 min.
        for (var second = 0; second < 3600; second++) await AdvanceAsync(time);

        Assert.InRange(host.Host.Process.Reads, 8, 14);
        Assert.Equal([parked.Id], logs.Runs);
    }

    /// <summary>The timer's work is done when the clock has no more of it.</summary>
    private static async Task AdvanceAsync(FakeTimeProvider time)
    {
        time.Advance(TimeSpan.FromSeconds(1));
        await Task.Yield();
    }

    private sealed class Failures : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Runs { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == "ExpiryFailed" && state is IReadOnlyList<KeyValuePair<string, object?>> values) Runs.Enqueue($"{values.First(v => v.Key == "Run").Value}");
        }

        public void Dispose()
        {
        }
    }
}
