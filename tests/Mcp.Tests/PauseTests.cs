using System.Diagnostics.Metrics;
using PluginHost.Mcp.Servers;

namespace PluginHost.Mcp.Tests;

/// <summary>The pauses between two tries to connect.</summary>
public sealed class PauseTests
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromMinutes(10);
    private static readonly SessionKey Session = new("acme", "s");

    [Fact]
    public async Task A_server_that_fails_is_tried_again_after_pauses_that_grow_up_to_a_minute()
    {
        var clock = new ObservedClock();
        await using var context = new TestPluginContext("mcp") { Clock = clock };
        long failures = 0;
        using var listener = Listen(context.Meter, value => Interlocked.Add(ref failures, value));
        var provider = new McpProvider(new McpOptions(Servers.One(new(Command: "no-such-program", ConnectTimeout: ConnectTimeout))), context);
        await provider.StartAsync(CancellationToken.None);

        var pauses = new List<double>();
        while (pauses.Count < 8)
        {
            await Servers.UntilAsync(() => Task.FromResult(Pauses(clock).Count > pauses.Count));
            var pause = Pauses(clock)[pauses.Count];
            pauses.Add(pause.TotalSeconds);
            clock.Advance(pause);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], pauses);
        Assert.InRange(Interlocked.Read(ref failures), 8, 9);
        Assert.Single(context.Logs, l => l.Message.Contains("is not available", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_connections_of_sessions_that_fail_are_tried_again_after_pauses_that_grow()
    {
        var clock = new ObservedClock();
        var tries = 0;
        await using var sessions = new SessionConnections("habits", FailAsync, clock, CancellationToken.None);

        foreach (var pause in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            var before = tries;
            await FailsAsync("It refuses.");
            await FailsAsync("It refuses.");
            clock.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromTicks(1));
            await FailsAsync("It refuses.");
            Assert.Equal(before + 1, tries);
            clock.Advance(TimeSpan.FromTicks(1));
        }

        Task<ServerConnection> FailAsync(CancellationToken cancellationToken)
        {
            tries++;
            throw new ServerUnavailableException("habits", "It refuses.");
        }

        async Task FailsAsync(string reason)
        {
            var error = await Assert.ThrowsAsync<ServerUnavailableException>(async () => await sessions.GetAsync(Session, CancellationToken.None));
            Assert.Equal(reason, error.Reason);
        }
    }

    /// <summary>Other timers of a start: the limit of the connection, its wait, and the sweep of sessions.</summary>
    private static List<TimeSpan> Pauses(ObservedClock clock) =>
        [.. clock.Timers.Where(t => t > TimeSpan.Zero && t <= RetryPause.Longest && t != TimeSpan.FromSeconds(5))];

    private static MeterListener Listen(Meter meter, Action<long> add)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter == meter && instrument.Name == "pluginhost.mcp.failures") l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => add(value));
        listener.Start();
        return listener;
    }
}
