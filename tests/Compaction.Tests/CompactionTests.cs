namespace PluginHost.Compaction.Tests;

/// <summary>What the model gets of a long session, and what happens to its summary.</summary>
public sealed class CompactionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("compaction").FullName;

    [Fact]
    public async Task The_oldest_messages_become_a_summary_after_a_run()
    {
        await using var agent = new Agent(Small, _folder);
        for (var turn = 0; turn < 6; turn++) await agent.RunAsync($"turn {turn} {Agent.Filler}");
        await agent.WaitAsync();
        await agent.RunAsync("next");

        Assert.Contains("they said: turn 0", agent.Instructions, StringComparison.Ordinal);
        Assert.DoesNotContain(agent.Sent, m => m.Text.StartsWith("turn 0", StringComparison.Ordinal));
        Assert.Contains(agent.Sent, m => m.Text.StartsWith("turn 5", StringComparison.Ordinal));
        Assert.Equal(ChatRole.User, agent.Sent[0].Role);
    }

    [Fact]
    public async Task A_later_summary_continues_the_earlier_one()
    {
        await using var agent = new Agent(Small, _folder);
        for (var turn = 0; turn < 16; turn++)
        {
            await agent.RunAsync($"turn {turn} {Agent.Filler}");
            await agent.WaitAsync();
        }

        Assert.True(agent.Writer.Requests.Count > 1);
        Assert.Contains("Summary of what came before:\nthey said: turn 0", agent.Writer.Requests[1].Messages[1].Text, StringComparison.Ordinal);
        Assert.DoesNotContain("turn 0 x", agent.Writer.Requests[1].Messages[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_summary_survives_a_restart()
    {
        await using (var agent = new Agent(Small, _folder)) await FillAsync(agent);
        await using var next = new Agent(Small, _folder);

        Assert.NotNull(next.Summary);
    }

    [Fact]
    public async Task Deleting_a_session_or_a_message_deletes_the_summary()
    {
        await using var agent = new Agent(Small, _folder);
        await FillAsync(agent);
        await agent.Plugin.DeleteMessageDataAsync(Agent.Session, ["m"], default);
        Assert.Null(agent.Summary);

        await agent.RunAsync("again");
        await agent.WaitAsync();
        Assert.NotNull(agent.Summary);

        var removed = await agent.DeleteSessionAsync();
        Assert.Equal(1, removed["compaction"]);
        Assert.Null(agent.Summary);
        Assert.DoesNotContain("they said", await ReadFilesAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_summary_of_a_message_that_was_changed_is_written_again()
    {
        await using var agent = new Agent(Small, _folder);
        await FillAsync(agent);
        var before = agent.Summary!;

        agent.Database.Save(agent.Key, before with { Covered = before.Covered.ToDictionary(c => c.Key, _ => "another") });
        await agent.RunAsync("again");

        Assert.DoesNotContain("they said", agent.Instructions, StringComparison.Ordinal);
        await agent.WaitAsync();
        Assert.Equal(before.Covered.First(), agent.Summary!.Covered.First());
    }

    [Fact]
    public async Task A_model_that_fails_costs_the_summary_and_nothing_else()
    {
        await using var agent = new Agent(Small, _folder) { Fails = true };

        await FillAsync(agent);

        Assert.Null(agent.Summary);
        Assert.Contains(agent.Context.Logs, l => l.Message.Contains("could not be written", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Results_of_tools_become_notes_before_anything_is_left_out()
    {
        await using var agent = new Agent(new CompactionOptions(MaxTokens: 1_000, Strategies: [Strategy.DropToolResults], KeepMessages: 2), _folder) { UsesTool = true };
        for (var turn = 0; turn < 3; turn++) await agent.RunAsync($"turn {turn}");

        var results = agent.Sent.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Select(r => r.Result!.ToString()!).ToList();

        Assert.StartsWith("[This result of 4000 characters", results[0], StringComparison.Ordinal);
        Assert.Equal(4_000, results[^1].Length);
        Agent.CheckBalance(agent.Sent);
    }

    [Fact]
    public async Task Truncation_keeps_whole_turns()
    {
        await using var agent = new Agent(new CompactionOptions(MaxTokens: 1_500, Strategies: [Strategy.Truncate], KeepMessages: 1), _folder) { UsesTool = true };
        for (var turn = 0; turn < 4; turn++) await agent.RunAsync($"turn {turn}");

        Assert.DoesNotContain(agent.Sent, m => m.Text == "turn 0");
        Assert.Equal(ChatRole.User, agent.Sent[0].Role);
        Agent.CheckBalance(agent.Sent);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static CompactionOptions Small => new(MaxTokens: 1_000, Strategies: [Strategy.Summarise], KeepMessages: 2);

    private static async Task FillAsync(Agent agent)
    {
        for (var turn = 0; turn < 6; turn++) await agent.RunAsync($"turn {turn} {Agent.Filler}");
        await agent.WaitAsync();
    }

    private async Task<string> ReadFilesAsync()
    {
        var text = "";
        foreach (var file in Directory.GetFiles(_folder, "summaries.db*", SearchOption.AllDirectories))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            text += await reader.ReadToEndAsync();
        }

        return text;
    }
}
