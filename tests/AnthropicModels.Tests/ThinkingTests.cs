using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.ModelServer.Anthropic;
using static PluginHost.ModelServer.Anthropic.AnthropicReply;

namespace PluginHost.AnthropicModels.Tests;

/// <summary>Thinking, and how it goes back. The server refuses a block that differs from the one that it gave.</summary>
public sealed class ThinkingTests
{
    private static readonly ChatOptions WithTool = new() { Tools = [AIFunctionFactory.Create((int a) => a, "add")] };

    private static AnthropicOptions Thinks(AnthropicOptions options) => options with { ThinkingTokens = 2000 };

    [Fact]
    public async Task Blocks_of_thinking_go_back_as_they_came_also_through_a_history()
    {
        await using var model = await Model.StartAsync(
            [new AnthropicReply(Redacted("EmwKAhgB/=="), Thinking("", "c2lnMQ=="), Thinking("I add.\n ", "c2lnMg=="), ToolUse("toolu_1", "add", new JsonObject { ["a"] = 2 }))], Thinks);
        var question = new ChatMessage(ChatRole.User, "2?");
        var answer = await model.Client.GetResponseAsync([question], WithTool);
        var stored = JsonSerializer.Deserialize<ChatMessage>(JsonSerializer.Serialize(answer.Messages[0], AIJsonUtilities.DefaultOptions), AIJsonUtilities.DefaultOptions)!;

        await model.Client.GetResponseAsync([question, stored, new ChatMessage(ChatRole.Tool, [new FunctionResultContent("toolu_1", 2)])], WithTool);

        var sent = model.Server.Requests[1].Blocks(1);
        Assert.Equal(
            """[{"type":"redacted_thinking","data":"EmwKAhgB/=="},{"type":"thinking","thinking":"","signature":"c2lnMQ=="},{"type":"thinking","thinking":"I add.\n ","signature":"c2lnMg=="},{"type":"tool_use","id":"toolu_1","name":"add","input":{"a":2}}]""",
            sent.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Fact]
    public async Task Calls_of_another_model_are_answered_without_thinking()
    {
        await using var model = await Model.StartAsync([], Thinks);
        var other = new ChatMessage(ChatRole.Assistant,
        [
            new TextReasoningContent("Without a signature."), new FunctionCallContent("call.1:a", "add", new Dictionary<string, object?> { ["a"] = 2 }),
        ]);

        await model.Client.GetResponseAsync([new ChatMessage(ChatRole.User, "2?"), other, new ChatMessage(ChatRole.Tool, [new FunctionResultContent("call.1:a", "2")])], WithTool);

        Assert.Null(model.Server.Requests[0].Body["thinking"]);
        Assert.Equal("""[{"type":"tool_use","id":"call_1_a","name":"add","input":{"a":2}}]""", model.Server.Requests[0].Blocks(1).ToJsonString());
    }

    [Theory]
    [InlineData(null, 2000, 10_192)]
    [InlineData(ReasoningEffort.High, 16_384, 24_576)]
    [InlineData(ReasoningEffort.None, null, 8192)]
    public async Task A_run_decides_how_much_it_thinks(ReasoningEffort? effort, int? budget, int max)
    {
        await using var model = await Model.StartAsync([], Thinks);

        await model.Client.GetResponseAsync("hi", new ChatOptions { Reasoning = effort is null ? null : new ReasoningOptions { Effort = effort } });

        var body = model.Server.Requests[0].Body;
        Assert.Equal((budget, max), ((int?)body["thinking"]?["budget_tokens"], (int)body["max_tokens"]!));
    }

    [Fact]
    public async Task Sampling_parameters_are_left_out_with_thinking()
    {
        await using var model = await Model.StartAsync([], o => Thinks(o) with { Version = "2023-06-01" });

        await model.Client.GetResponseAsync("hi", new ChatOptions { Temperature = 0.5f, TopK = 5, StopSequences = ["END"] });

        var body = model.Server.Requests[0].Body;
        Assert.Equal(2000, (int)body["thinking"]!["budget_tokens"]!);
        Assert.False(body.ContainsKey("temperature") || body.ContainsKey("top_k"));
        Assert.Equal("""["END"]""", body["stop_sequences"]!.ToJsonString());
    }

    [Fact]
    public async Task An_answer_to_continue_is_continued_without_thinking()
    {
        await using var model = await Model.StartAsync([], Thinks);

        await model.Client.GetResponseAsync([new ChatMessage(ChatRole.User, "2?"), new ChatMessage(ChatRole.Assistant, "It is ")], new ChatOptions());

        Assert.Null(model.Server.Requests[0].Body["thinking"]);
    }

    [Fact]
    public async Task Newer_models_think_by_effort()
    {
        await using var model = await Model.StartAsync([], o => o with { Thinking = AnthropicThinking.Adaptive });

        await model.Client.GetResponseAsync("hi");
        await model.Client.GetResponseAsync("hi", new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.ExtraHigh } });
        await model.Client.GetResponseAsync("hi", new ChatOptions { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.None } });

        Assert.Equal(
            ["adaptive ", "adaptive xhigh", "disabled "],
            model.Server.Requests.Select(r => $"{r.Body["thinking"]!["type"]} {r.Body["output_config"]?["effort"]}"));
    }

    [Fact]
    public async Task A_forced_call_is_made_without_thinking()
    {
        await using var model = await Model.StartAsync([], Thinks);

        await model.Client.GetResponseAsync("hi", new ChatOptions { Tools = WithTool.Tools, ToolMode = ChatToolMode.RequireSpecific("add"), AllowMultipleToolCalls = false });

        Assert.Null(model.Server.Requests[0].Body["thinking"]);
        Assert.Equal("""{"type":"tool","name":"add","disable_parallel_tool_use":true}""", model.Server.Requests[0].Body["tool_choice"]!.ToJsonString());
    }
}
