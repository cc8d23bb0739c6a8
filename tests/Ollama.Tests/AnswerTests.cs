using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Ollama;

namespace PluginHost.Ollama.Tests;

/// <summary>What the client makes of Ollama's answers.</summary>
public sealed class AnswerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public async Task An_answer_is_the_same_wherever_its_lines_are_cut(int pieceBytes)
    {
        await using var model = await Model.StartAsync(
        [
            new OllamaReply(OllamaReply.Thinking("Grüße "), OllamaReply.Thinking("first."), OllamaReply.Text("Hällo "), OllamaReply.Text("👋 wörld"))
            {
                PieceBytes = pieceBytes,
                DoneReason = "length",
            },
        ]);

        var answer = await model.Client.GetResponseAsync("hi");

        Assert.Equal("Hällo 👋 wörld", answer.Text);
        Assert.Equal("Grüße first.", Assert.Single(answer.Messages[0].Contents.OfType<TextReasoningContent>()).Text);
        Assert.Equal((ChatFinishReason.Length, 26, 298, 324), (answer.FinishReason, answer.Usage!.InputTokenCount, answer.Usage.OutputTokenCount, answer.Usage.TotalTokenCount));
        Assert.Equal("llama3.2", answer.ModelId);
        Assert.Single(answer.Messages);
    }

    [Fact]
    public async Task Pieces_are_passed_on_as_they_come()
    {
        var hold = new Hold();
        await using var model = await Model.StartAsync([new OllamaReply(OllamaReply.Text("one "), OllamaReply.Text("two")) { AfterFirstLine = hold }]);
        await using var updates = model.Client.GetStreamingResponseAsync("hi").GetAsyncEnumerator();

        Assert.True(await updates.MoveNextAsync());
        Assert.Equal("one ", updates.Current.Text);
        hold.Release();
        Assert.True(await updates.MoveNextAsync());
        Assert.Equal("two", updates.Current.Text);
    }

    [Fact]
    public async Task Calls_keep_their_ids_and_get_one_when_the_server_gives_none()
    {
        await using var model = await Model.StartAsync(
        [
            new OllamaReply(OllamaReply.Calls(
                ("call_1", "add", new JsonObject { ["a"] = 2, ["list"] = new JsonArray(1, "x") }), (null, "add", []), ("call_1", "now", []))),
        ]);

        var answer = await model.Client.GetResponseAsync("hi");

        var calls = answer.Messages[0].Contents.OfType<FunctionCallContent>().ToList();
        Assert.Equal(["add", "add", "now"], calls.Select(c => c.Name));
        Assert.Equal("call_1", calls[0].CallId);
        Assert.Equal(3, calls.Select(c => c.CallId).Distinct().Count());
        Assert.Equal("""[1,"x"]""", calls[0].Arguments!["list"]!.ToString());
        Assert.Equal(ChatFinishReason.ToolCalls, answer.FinishReason);
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_the_server()
    {
        var hold = new Hold();
        await using var model = await Model.StartAsync([new OllamaReply(OllamaReply.Text("one")) { AfterFirstLine = hold }]);
        using var cancel = new CancellationTokenSource();
        await using var updates = model.Client.GetStreamingResponseAsync("hi", cancellationToken: cancel.Token).GetAsyncEnumerator();
        await updates.MoveNextAsync();
        await hold.Reached;

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await updates.MoveNextAsync());
        await updates.DisposeAsync();
        await hold.Abandoned;
    }
}
