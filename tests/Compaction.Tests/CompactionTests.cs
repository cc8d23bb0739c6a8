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

    [Fact]
    public void What_is_kept_by_configuration_is_not_compacted()
    {
        var messages = new LoadedMessages([.. Enumerable.Range(0, 6).Select(i => new ContextMessage
        {
            Message = new ChatMessage(i % 2 == 0 ? ChatRole.User : ChatRole.Assistant, Agent.Filler),
            Source = "history",
            Origin = i % 2 == 0 ? MessageOrigin.Input : MessageOrigin.Output,
            Id = $"{i}",
            IsKept = i == 0,
        })]);

        messages.Truncate(300, keep: 1);

        Assert.Equal(["0", "4", "5"], messages.Context.Select(c => c.Id));
    }

    [Fact]
    public void A_message_that_is_longer_than_a_request_is_cut()
    {
        var request = new Summaries.SummaryPrompt(Small).Create(null, [new ChatMessage(ChatRole.User, new string('x', 100_000))], limit: 1_000, out var taken);

        Assert.Equal(1, taken);
        Assert.InRange(request[1].Text.Length, 3_000, 5_000);
    }

    [Fact]
    public void A_summary_does_not_fit_when_another_host_has_deleted_a_message_that_it_covers()
    {
        ContextMessage[] said = [.. Enumerable.Range(0, 4).Select(i => new ContextMessage
        {
            Message = new ChatMessage(ChatRole.User, $"{i}"),
            Source = "history",
            Origin = MessageOrigin.Input,
            Id = $"{i}",
        })];
        var summary = new Summaries.Summary("text", said.ToDictionary(c => c.Id!, c => Summaries.Summary.HashOf(c.Message)));

        Assert.True(summary.Fits(said));
        Assert.True(summary.Fits(said[2..]));
        Assert.True(summary.Fits([]));
        // Two histories may load the same message.
        Assert.True(summary.Fits([.. said, .. said]));
        Assert.False(summary.Fits([said[0], said[1], said[3]]));
        Assert.False(summary.Fits(said[..3]));
    }

    [Fact]
    public void A_summary_does_not_grow_with_the_session()
    {
        var summary = new Summaries.Summary("text", Enumerable.Range(0, 5_000).ToDictionary(i => $"{i}", _ => "hash"));
        var loaded = new ContextMessage { Message = new ChatMessage(ChatRole.User, "hi"), Source = "history", Origin = MessageOrigin.Input, Id = "7" };

        var covered = summary.WithoutUnloaded([loaded]).Covered;

        Assert.Equal(2_001, covered.Count);
        Assert.True(covered.ContainsKey("7") && covered.ContainsKey("4999"));
    }
}
