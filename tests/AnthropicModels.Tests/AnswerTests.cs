using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Anthropic;
using static PluginHost.ModelServer.Anthropic.AnthropicReply;

namespace PluginHost.AnthropicModels.Tests;

/// <summary>What the client makes of the service's answers.</summary>
public sealed class AnswerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(11)]
    [InlineData(int.MaxValue)]
    public async Task An_answer_is_the_same_wherever_its_events_are_cut(int pieceBytes)
    {
        await using var model = await Model.StartAsync(
        [
            new AnthropicReply(Thinking("Grüße\n 👋", "c2ln/+=="), Text("Hällo wörld 👋"), ToolUse("toolu_1", "add", new JsonObject { ["a"] = 2, ["text"] = "ü\"" })) { PieceBytes = pieceBytes },
        ]);

        var answer = await model.Client.GetResponseAsync("hi");

        Assert.Equal("Hällo wörld 👋", answer.Text);
        var reasoning = Assert.Single(answer.Messages[0].Contents.OfType<TextReasoningContent>());
        Assert.Equal(("Grüße\n 👋", "c2ln/+=="), (reasoning.Text, reasoning.ProtectedData));
        var call = Assert.Single(answer.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Equal(("toolu_1", "add", "2", "ü\""), (call.CallId, call.Name, $"{call.Arguments!["a"]}", $"{call.Arguments["text"]}"));
        Assert.Equal((ChatFinishReason.ToolCalls, "claude-test"), (answer.FinishReason, answer.ModelId));
        Assert.Single(answer.Messages);
    }

    [Fact]
    public async Task Usage_counts_the_tokens_of_the_cache_as_input()
    {
        await using var model = await Model.StartAsync([new AnthropicReply(Text("x")) { Usage = new JsonObject { ["input_tokens"] = 10, ["cache_read_input_tokens"] = 2000, ["cache_creation_input_tokens"] = 300 } }]);

        var usage = (await model.Client.GetResponseAsync("hi")).Usage!;

        Assert.Equal((2310, 2000, 15, 2325), (usage.InputTokenCount, usage.CachedInputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount));
        Assert.Equal(300, usage.AdditionalCounts!["cache_write_tokens"]);
    }

    [Theory]
    [InlineData("max_tokens", "length")]
    [InlineData("model_context_window_exceeded", "length")]
    [InlineData("refusal", "content_filter")]
    [InlineData("stop_sequence", "stop")]
    [InlineData("pause_turn", "stop")]
    public async Task The_reason_of_the_end_is_passed_on(string reason, string finish)
    {
        await using var model = await Model.StartAsync([new AnthropicReply(Text("x")) { StopReason = reason }]);

        Assert.Equal(finish, (await model.Client.GetResponseAsync("hi")).FinishReason?.Value);
    }

    [Theory]
    [InlineData("max_tokens", true)]
    [InlineData("tool_use", false)]
    public async Task A_call_that_was_cut_off_before_its_arguments_is_not_one_without_arguments(string reason, bool isCut)
    {
        await using var model = await Model.StartAsync([new AnthropicReply(ToolUse("toolu_1", "list", []), ToolUse("toolu_2", "list", [])) { StopReason = reason }]);

        var answer = await model.Client.GetResponseAsync("hi");

        var calls = answer.Messages[0].Contents.OfType<FunctionCallContent>().ToList();
        Assert.Equal([("toolu_1", false), ("toolu_2", isCut)], calls.Select(c => (c.CallId, c.Exception is not null)));
    }

    [Fact]
    public async Task A_call_that_was_cut_off_says_so()
    {
        var cut = ToolUse("toolu_1", "add", []);
        cut["cut_input"] = """{"a": 2, "b""";
        await using var model = await Model.StartAsync([new AnthropicReply(cut) { StopReason = "max_tokens" }]);

        var answer = await model.Client.GetResponseAsync("hi");

        var call = Assert.Single(answer.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.NotNull(call.Exception);
        Assert.Equal(ChatFinishReason.Length, answer.FinishReason);
    }

    [Fact]
    public async Task A_connection_that_stays_open_behind_the_answer_does_not_hold_it()
    {
        var open = new Hold();
        await using var model = await Model.StartAsync([new AnthropicReply(Text("whole")) { AfterEnd = open }], o => o with { Timeout = TimeSpan.FromSeconds(5) });

        Assert.Equal("whole", (await model.Client.GetResponseAsync("hi")).Text);
        open.Release();
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_the_server()
    {
        var hold = new Hold();
        await using var model = await Model.StartAsync([new AnthropicReply(Text("one")) { AfterFirstBlock = hold }]);
        using var cancel = new CancellationTokenSource();
        await using var updates = model.Client.GetStreamingResponseAsync("hi", cancellationToken: cancel.Token).GetAsyncEnumerator();
        Assert.True(await updates.MoveNextAsync());
        Assert.True(await updates.MoveNextAsync());
        var next = updates.MoveNextAsync().AsTask();
        await hold.Reached;

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        await updates.DisposeAsync();
        await hold.Abandoned;
    }
}
