using System.Globalization;
using Xunit.Abstractions;

namespace PluginHost.EndToEnd;

/// <summary>
/// Runs many sessions at once and reads everything back after a restart. For a larger load:
/// <c>PLUGINHOST_E2E_SESSIONS=1000 PLUGINHOST_E2E_RUNS=20 PLUGINHOST_E2E_CONNECTIONS=64 dotnet test tests/EndToEnd --filter ManySessions</c>.
/// </summary>
public sealed class ManySessionsTests(ITestOutputHelper output)
{
    private const int Window = 50;

    private static readonly int Sessions = ReadNumber("SESSIONS", 100);
    private static readonly int Runs = ReadNumber("RUNS", 5);
    private static readonly ParallelOptions Connections = new() { MaxDegreeOfParallelism = ReadNumber("CONNECTIONS", 32) };

    [Fact]
    public async Task Runs_of_many_sessions_are_stored_once_and_in_order()
    {
        using var folder = WorkFolder.CreateShipped();
        var accepted = new string[Sessions][];
        await using (var host = await RunningHost.StartAsync(folder))
        {
            var started = TimeProvider.System.GetTimestamp();
            await Parallel.ForAsync(0, Sessions, Connections, async (session, _) => accepted[session] = await RunSessionAsync(host.Api, session));
            var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            output.WriteLine($"{Sessions} sessions of {Runs} runs, {Connections.MaxDegreeOfParallelism} at a time:");
            output.WriteLine($"{seconds:0.0} s, {Sessions * Runs / seconds:0} runs/s");
            await host.StopAsync();
        }

        await using var restarted = await RunningHost.StartAsync(folder);
        await Parallel.ForAsync(0, Sessions, Connections, async (session, _) => await CheckAsync(restarted.Api, session, accepted[session]));
        Assert.Equal(Sessions, (await restarted.Api.ListAsync("/v1/sessions")).Count);
    }

    private static async Task<string[]> RunSessionAsync(ApiClient api, int session)
    {
        var runs = new string[Runs];
        for (var i = 0; i < Runs; i++) runs[i] = (string)(await api.RunAsync($"s{session}", $"{session}/{i}"))["id"]!;
        return runs;
    }

    private static async Task CheckAsync(ApiClient api, int session, string[] runs)
    {
        var expected = runs.SelectMany((run, i) => new StoredMessage[]
        {
            new("user", $"{session}/{i}", run),
            new("assistant", $"Echo: {session}/{i} ({Math.Min(2 * i, Window)} earlier messages)", run),
        });
        Assert.Equal(expected, await api.ListMessagesAsync($"s{session}"));
        Assert.Equal(runs, (await api.ListRunsAsync($"s{session}")).Select(r => (string)r["id"]!));
    }

    private static int ReadNumber(string name, int defaultValue)
    {
        var text = Environment.GetEnvironmentVariable($"PLUGINHOST_E2E_{name}");
        return string.IsNullOrEmpty(text) ? defaultValue : int.Parse(text, CultureInfo.InvariantCulture);
    }
}
