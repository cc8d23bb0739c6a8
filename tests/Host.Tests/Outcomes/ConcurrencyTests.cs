using System.Globalization;

namespace PluginHost.Tests.Outcomes;

/// <summary>
/// Many runs at once. The long form is <c>PLUGINHOST_OUTCOMES_SESSIONS=2000 dotnet test tests/Host.Tests --filter ConcurrencyTests</c>.
/// </summary>
public sealed class ConcurrencyTests
{
    private const int Runs = 200;

    private static readonly int Sessions = int.Parse(
        Environment.GetEnvironmentVariable("PLUGINHOST_OUTCOMES_SESSIONS") is { Length: > 0 } given ? given : "200", CultureInfo.InvariantCulture);

    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Two_hundred_runs_on_one_session_are_all_stored_in_whole_pairs_in_one_order(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true, Sessions = "\"QueueLimit\": 200, \"QueueTimeout\": \"60s\"" };
        await using var host = await OutcomeHost.StartAsync(setup);

        var answers = await Task.WhenAll(Enumerable.Range(0, Runs).Select(i => host.RunAsync("s", $"run {i}")));

        Assert.All(answers, a => Assert.Equal("completed", a.Run("status")));
        await HoldsPairsAsync(host, "s", answers);
        // Each has seen all that came before it, up to the window.
        var seen = answers.Select(a => int.Parse(a.Run("text").Split('(')[1].Split(' ')[0], CultureInfo.InvariantCulture)).Order();
        Assert.Equal(Enumerable.Range(0, Runs).Select(i => Math.Min(2 * i, 50)), seen);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Where_a_busy_session_refuses_each_run_is_stored_whole_or_told_409(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true, Sessions = "\"Busy\": \"reject\"" };
        await using var host = await OutcomeHost.StartAsync(setup);

        var answers = await Task.WhenAll(Enumerable.Range(0, Runs).Select(i => host.RunAsync("s", $"run {i}")));

        Assert.All(answers.Where(a => a.Status != 200), a =>
        {
            a.IsProblem(409, "session-busy");
            Assert.True(a.RetryAfter);
        });
        await HoldsPairsAsync(host, "s", [.. answers.Where(a => a.Status == 200)]);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task When_the_queue_is_full_the_rest_gets_429_and_a_time_to_retry(string store)
    {
        var hold = new ModelServer.Hold();
        using var setup = new OutcomeSetup(store) { Sessions = "\"QueueLimit\": 10, \"QueueTimeout\": \"60s\"" };
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelServer.ModelReply { BeforeAnswer = hold });
        var first = host.RunAsync("s", "run first");
        await hold.Reached;

        var others = Enumerable.Range(0, Runs).Select(i => host.RunAsync("s", $"run {i}")).ToList();
        var refused = new List<Answer>();
        await foreach (var answer in Task.WhenEach(others))
        {
            refused.Add(await answer);
            if (refused.Count == Runs - 10) hold.Release();
        }

        Assert.All(refused.Take(Runs - 10), a =>
        {
            a.IsProblem(429, "session-queue-full");
            Assert.True(a.RetryAfter);
        });
        await HoldsPairsAsync(host, "s", [await first, .. refused.Skip(Runs - 10)], "Hello there");
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Many_sessions_at_once_do_not_disturb_each_other(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);

        await Parallel.ForAsync(0, Sessions, new ParallelOptions { MaxDegreeOfParallelism = Sessions }, async (i, _) =>
        {
            await host.RunAsync($"s{i}", $"first of {i}");
            await host.RunAsync($"s{i}", $"second of {i}");
        });

        await Parallel.ForAsync(0, Sessions, async (i, _) => Assert.Equal(
            [$"user: first of {i}", $"assistant: Echo: first of {i} (0 earlier messages)", $"user: second of {i}", $"assistant: Echo: second of {i} (2 earlier messages)"],
            await host.StoredAsync($"s{i}")));
    }

    private static async Task HoldsPairsAsync(OutcomeHost host, string session, Answer[] answers, string? text = null)
    {
        var stored = new List<(string Run, string Role, string Text)>();
        string? after = null;
        while (true)
        {
            var page = (await host.GetAsync($"/v1/sessions/{session}/messages?limit=100{(after is null ? "" : $"&after={after}")}")).Json;
            stored.AddRange(page.GetProperty("data").EnumerateArray().Select(m => (
                m.GetProperty("run_id").GetString()!,
                m.GetProperty("role").GetString()!,
                m.GetProperty("content")[0].GetProperty("text").GetString()!)));
            if (!page.GetProperty("has_more").GetBoolean()) break;
            after = page.GetProperty("data")[page.GetProperty("data").GetArrayLength() - 1].GetProperty("id").GetString();
        }

        Assert.Equal(2 * answers.Length, stored.Count);
        Assert.All(stored.Chunk(2), pair =>
        {
            Assert.Equal(("user", "assistant", pair[0].Run), (pair[0].Role, pair[1].Role, pair[1].Run));
            Assert.StartsWith(text ?? $"Echo: {pair[0].Text} (", pair[1].Text, StringComparison.Ordinal);
        });
        Assert.Equal(answers.Select(a => a.Run("id")).Order(), stored.Chunk(2).Select(pair => pair[0].Run).Order());
    }
}
