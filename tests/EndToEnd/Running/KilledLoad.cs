namespace PluginHost.EndToEnd.Running;

/// <summary>
/// Callers with one session each. They send runs until the host is killed, and then retry the run that was not answered.
/// </summary>
internal sealed class KilledLoad(int round)
{
    private const int Callers = 16;

    private readonly List<Caller> _callers = [.. Enumerable.Range(0, Callers).Select(i => new Caller($"r{round}-s{i}"))];

    public int Acknowledged => _callers.Sum(c => c.Acknowledged);

    public int Retried => _callers.Count(c => c.Unanswered is not null);

    /// <summary>Kills the host after a random number of answers, while the other callers wait for theirs.</summary>
    public async Task RunUntilKilledAsync(RunningHost host)
    {
        var left = Random.Shared.Next(1, 200);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = _callers.Select(c => Task.Run(() => c.RunAsync(host.Api, Answered))).ToList();
        await Task.WhenAny(Task.WhenAll(running), reached.Task.WaitAsync(ChildProcess.TimeLimit));
        // So that the kill also hits points between two answers.
        Thread.SpinWait(Random.Shared.Next(200_000));
        await host.KillAsync();
        await Task.WhenAll(running);
        Assert.True(reached.Task.IsCompleted, $"{left} answers are missing.\n{host.Transcript}");

        void Answered()
        {
            if (Interlocked.Decrement(ref left) == 0) reached.SetResult();
        }
    }

    public Task RetryAsync(ApiClient api) => Task.WhenAll(_callers.Select(c => c.RetryAsync(api)));

    /// <summary>Checks that every run is stored exactly once, complete and in order, and that nothing else is stored.</summary>
    public Task CheckAsync(ApiClient api) => Task.WhenAll(_callers.Select(c => c.CheckAsync(api)));

    private sealed class Caller(string session)
    {
        private readonly List<(string Run, string Input)> _runs = [];

        public int Acknowledged { get; private set; }

        public string? Unanswered { get; private set; }

        public async Task RunAsync(ApiClient api, Action answered)
        {
            for (var i = 0; ; i++)
            {
                Unanswered = $"{session} {i}";
                try
                {
                    await SendAsync(api, Unanswered);
                }
                catch (HttpRequestException)
                {
                    // The host is dead. This run may or may not be stored.
                    return;
                }

                Acknowledged++;
                answered();
            }
        }

        public Task RetryAsync(ApiClient api) => SendAsync(api, Unanswered!);

        public async Task CheckAsync(ApiClient api)
        {
            var messages = await api.ListMessagesAsync(session);
            Assert.All(messages.Chunk(2), pair =>
            {
                Assert.Equal(["user", "assistant"], pair.Select(m => m.Role));
                Assert.Equal(pair[0].Run, pair[1].Run);
                Assert.StartsWith($"Echo: {pair[0].Text} (", pair[1].Text, StringComparison.Ordinal);
            });
            Assert.Equal(_runs, messages.Chunk(2).Select(pair => (pair[0].Run, pair[0].Text)));
            var runs = await api.ListRunsAsync(session);
            Assert.Equal(_runs.Select(r => (r.Run, "completed")), runs.Select(r => ((string)r["id"]!, (string)r["status"]!)));
        }

        private async Task SendAsync(ApiClient api, string input) =>
            _runs.Add(((string)(await api.RunAsync(session, input, key: input.Replace(' ', '-')))["id"]!, input));
    }
}
