using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Sdk;
using PluginHost.Tests.Telemetry;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>What fails without ending its run is in the run's record, and in the log once a minute.</summary>
public sealed class QuietFailureTests
{
    [Fact]
    public async Task A_skipped_plugin_and_a_tool_that_throws_are_in_the_record_with_their_type()
    {
        await using var engine = Start(new StubModel(), new FakeTimeProvider(), logs: null);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal(RunStatus.Completed, run.Status);
        Assert.Equal(["broken"], run.Skipped);
        Assert.Equal(
            [("broken", "System.InvalidOperationException"), ("memory", "System.FormatException")], run.Failures.Select(f => (f.Plugin, f.Type)));
        // Callers read the record; the text is for operators, in the log.
        Assert.All(run.Failures, f => Assert.Contains("the host's log has the cause", f.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task They_are_logged_once_a_minute_for_each_plugin_and_type()
    {
        var time = new FakeTimeProvider();
        using var logs = new Lines();
        await using var engine = Start(new StubModel(), time, logs);

        for (var i = 0; i < 3; i++) await engine.RunAsync($"s{i}", "hi");
        Assert.Equal(["broken", "memory"], logs.Plugins);

        time.Advance(TimeSpan.FromMinutes(1));
        await engine.RunAsync("later", "hi");
        Assert.Equal(["broken", "memory", "broken", "memory"], logs.Plugins);
    }

    private static TestEngine Start(IChatClient model, TimeProvider time, ILoggerProvider? logs)
    {
        var tool = AIFunctionFactory.Create(string () => throw new FormatException("no number"), "answer");
        return new TestEngine(
            model,
            [
                Plugin(new Probe.Context(_ => throw new InvalidOperationException("no facts")), "broken"),
                Plugin(new Probe.Context(_ => new ContextContribution { Tools = [tool] }), "memory"),
            ],
            time: time,
            logs: logs);
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly List<string> _plugins = [];

        public IReadOnlyList<string> Plugins
        {
            get
            {
                lock (_plugins) return [.. _plugins];
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name != "PluginFailedInRun" || state is not IReadOnlyList<KeyValuePair<string, object?>> values) return;
            lock (_plugins) _plugins.Add((string)values.Single(v => v.Key == "Plugin").Value!);
        }

        public void Dispose()
        {
        }
    }
}
