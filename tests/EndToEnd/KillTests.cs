using System.Collections.Concurrent;

namespace PluginHost.EndToEnd;

public sealed class KillTests
{
    private const int Callers = 16;

    [Theory]
    [InlineData("sqlite", 3)]
    [InlineData("files", 3)]
    public async Task What_was_acknowledged_survives_kill_9_in_the_middle_of_load(string store, int kills)
    {
        using var folder = Configurations.FolderFor(store);
        var acknowledged = new ConcurrentDictionary<string, List<(string Run, string Input)>>();
        for (var round = 0; round < kills; round++)
        {
            await using (var host = await RunningHost.StartAsync(folder)) await LoadUntilKilledAsync(host, round, acknowledged);
            // The next start takes over, whatever the dead owner left.
            await using var restarted = await RunningHost.StartAsync(folder);
            foreach (var (session, runs) in acknowledged) await CheckAsync(restarted.Api, session, runs);
            await restarted.StopAsync();
        }
    }

    private static async Task LoadUntilKilledAsync(
        RunningHost host, int round, ConcurrentDictionary<string, List<(string Run, string Input)>> acknowledged)
    {
        var after = Random.Shared.Next(50, 400);
        var count = 0;
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync($"s{caller}"))).ToList();
        await Task.WhenAny(Task.WhenAll(callers), reached.Task.WaitAsync(ChildProcess.Patience));
        await host.KillAsync();
        await Task.WhenAll(callers);
        Assert.True(count >= after, $"Only {count} of {after} runs were acknowledged.\n{host.Transcript}");

        async Task CallAsync(string session)
        {
            var runs = acknowledged.GetOrAdd(session, _ => []);
            try
            {
                for (var i = 0; ; i++)
                {
                    var input = $"{session} {round}.{i}";
                    var run = await host.Api.RunAsync(session, input);
                    runs.Add(((string)run["id"]!, input));
                    if (Interlocked.Increment(ref count) == after) reached.SetResult();
                }
            }
            catch (HttpRequestException)
            {
                // The host is dead: what was under way is not acknowledged.
            }
        }
    }

    /// <summary>Acknowledged runs are all there, once, whole and in order; of the others each is there as a whole or not at all.</summary>
    private static async Task CheckAsync(ApiClient api, string session, List<(string Run, string Input)> acknowledged)
    {
        var messages = await api.MessagesAsync(session);
        var stored = messages.Chunk(2).Select(pair => (pair[0].Run, pair[0].Text)).ToList();
        Assert.All(messages.Chunk(2), pair =>
        {
            Assert.Equal(2, pair.Length);
            Assert.Equal(["user", "assistant"], pair.Select(m => m.Role));
            Assert.Equal(pair[0].Run, pair[1].Run);
            Assert.StartsWith($"Echo: {pair[0].Text} (", pair[1].Text, StringComparison.Ordinal);
        });
        Assert.Equal(acknowledged, stored.Where(acknowledged.Contains));
        Assert.Equal(stored.Count, stored.Distinct().Count());

        var runs = (await api.RunsAsync(session)).Select(r => ((string)r["id"]!, (string)r["status"]!)).ToList();
        Assert.Equal(acknowledged.Select(a => (a.Run, "completed")), runs.Where(r => acknowledged.Exists(a => a.Run == r.Item1)));
    }
}
