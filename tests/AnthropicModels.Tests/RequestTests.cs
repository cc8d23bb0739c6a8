using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.ModelServer.Anthropic;

namespace PluginHost.AnthropicModels.Tests;

/// <summary>What the service is sent.</summary>
public sealed class RequestTests
{
    private static readonly byte[] Pixel = [1, 2, 3];

    private static readonly ChatMessage[] Conversation =
    [
        new(ChatRole.System, "Context."),
        new(ChatRole.User, [new TextContent("What is this?"), new DataContent(Pixel, "image/png"), new TextContent(" ")]),
        new(ChatRole.Assistant, [new TextContent("I look."), new FunctionCallContent("c1", "look"), new FunctionCallContent("c2", "count")]),
        new(ChatRole.Tool, [new FunctionResultContent("c1", JsonSerializer.SerializeToElement("blue"))]),
        new(ChatRole.Tool, [new FunctionResultContent("c2", new List<AIContent> { new TextContent("two"), new DataContent(Pixel, "application/pdf") { Name = "a.pdf" } })]),
        new(ChatRole.User, "And?"),
    ];

    [Fact]
    public async Task A_conversation_becomes_turns_with_results_behind_their_calls()
    {
        await using var model = await Model.StartAsync([], o => o with { PromptCaching = AnthropicCaching.Off });

        await model.Client.GetResponseAsync(Conversation, new ChatOptions { Instructions = "Be brief.", Temperature = 0.5f, StopSequences = ["END", " "], MaxOutputTokens = 50 });

        JsonAssert("""
            {
              "model": "claude-test", "max_tokens": 50, "stop_sequences": ["END"], "stream": true,
              "system": [ { "type": "text", "text": "Be brief." }, { "type": "text", "text": "Context." } ],
              "tools": [ { "name": "look", "input_schema": { "type": "object" } }, { "name": "count", "input_schema": { "type": "object" } } ],
              "tool_choice": { "type": "none" },
              "messages": [
                { "role": "user", "content": [ { "type": "text", "text": "What is this?" },
                  { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "AQID" } } ] },
                { "role": "assistant", "content": [ { "type": "text", "text": "I look." },
                  { "type": "tool_use", "id": "c1", "name": "look", "input": {} }, { "type": "tool_use", "id": "c2", "name": "count", "input": {} } ] },
                { "role": "user", "content": [ { "type": "tool_result", "tool_use_id": "c1", "content": "blue" },
                  { "type": "tool_result", "tool_use_id": "c2", "content": [ { "type": "text", "text": "two" },
                    { "type": "document", "source": { "type": "base64", "media_type": "application/pdf", "data": "AQID" }, "title": "a.pdf" } ] },
                  { "type": "text", "text": "And?" } ] }
              ]
            }
            """, model.Server.Requests[0].Body);
    }

    [Theory]
    [InlineData(AnthropicCaching.Off, 0, 0, 0)]
    [InlineData(AnthropicCaching.Instructions, 1, 1, 0)]
    [InlineData(AnthropicCaching.Conversation, 1, 1, 1)]
    public async Task The_cache_reaches_as_far_as_configured(AnthropicCaching caching, int tools, int system, int messages)
    {
        await using var model = await Model.StartAsync([], o => o with { PromptCaching = caching });
        List<AITool> offered = [AIFunctionFactory.Create(() => 1, "one"), AIFunctionFactory.Create(() => 2, "two")];

        await model.Client.GetResponseAsync(Conversation, new ChatOptions { Instructions = "Be brief.", Tools = offered });

        var body = model.Server.Requests[0].Body;
        int Marks(string part) => body[part]!.ToJsonString().Split("\"cache_control\":{\"type\":\"ephemeral\"}").Length - 1;
        Assert.Equal((tools, system, messages), (Marks("tools"), Marks("system"), Marks("messages")));
        if (caching != AnthropicCaching.Conversation) return;
        Assert.NotNull(body["tools"]![1]!["cache_control"]);
        Assert.NotNull(body["system"]![1]!["cache_control"]);
        Assert.NotNull(model.Server.Requests[0].Blocks(2)[2]!["cache_control"]);
    }

    [Fact]
    public async Task A_tools_file_that_the_service_does_not_take_becomes_a_text()
    {
        await using var model = await Model.StartAsync([], o => o with { PromptCaching = AnthropicCaching.Off });
        var result = new FunctionResultContent("c1", new List<AIContent> { new TextContent("Recorded."), new DataContent(Pixel, "audio/wav") });

        await model.Client.GetResponseAsync([new(ChatRole.User, "Record."), new(ChatRole.Assistant, [new FunctionCallContent("c1", "record")]), new(ChatRole.Tool, [result])]);

        JsonAssert("""[{ "type": "text", "text": "Recorded." }, { "type": "text", "text": "[a file of type audio/wav]" }]""", model.Server.Requests[0].Blocks(2)[0]!["content"]);
    }

    [Fact]
    public async Task Key_version_and_betas_are_headers()
    {
        await using var model = await Model.StartAsync([], o => o with { Betas = ["files-api-2025-04-14", "context-1m-2025-08-07"], LongCache = true });

        await model.Client.GetResponseAsync("hi");

        var headers = model.Server.Requests[0].Headers;
        Assert.Equal((AnthropicServer.Key, "2026-10-21", "files-api-2025-04-14,context-1m-2025-08-07"), (headers["x-api-key"], headers["anthropic-version"], headers["anthropic-beta"]));
        Assert.False(headers.ContainsKey("Authorization"));
        Assert.Equal("1h", (string?)model.Server.Requests[0].Blocks(0)[0]!["cache_control"]!["ttl"]);
    }

    [Fact]
    public async Task Calls_of_other_models_with_equal_ids_get_unique_ones()
    {
        await using var model = await Model.StartAsync([], o => o with { PromptCaching = AnthropicCaching.Off });
        ChatMessage[] Turn(params string[] ids) =>
        [
            new(ChatRole.Assistant, [.. ids.Select(id => new FunctionCallContent(id, "add"))]),
            new(ChatRole.Tool, [.. ids.Select(id => new FunctionResultContent(id, "x"))]),
        ];

        await model.Client.GetResponseAsync([new ChatMessage(ChatRole.User, "hi"), .. Turn("c.1", "c:1", "c:1"), new ChatMessage(ChatRole.User, "and"), .. Turn("c.1", "")]);

        var request = model.Server.Requests[0];
        string Ids(int message, string name) => string.Join(' ', request.Blocks(message).Select(b => b![name]).Where(id => id is not null));
        Assert.Equal(("c_1 c_1_1 c_1_2", "c_1 c_1_1 c_1_2"), (Ids(1, "id"), Ids(2, "tool_use_id")));
        Assert.Equal(("c_1_3 call", "c_1_3 call"), (Ids(3, "id"), Ids(4, "tool_use_id")));
    }

    [Fact]
    public async Task Sampling_parameters_are_sent_in_the_version_that_has_them()
    {
        await using var model = await Model.StartAsync([], o => o with { Version = "2023-06-01" });

        await model.Client.GetResponseAsync("hi", new ChatOptions { Temperature = 0.5f, TopP = 0.9f, TopK = 5 });

        var (headers, body) = (model.Server.Requests[0].Headers, model.Server.Requests[0].Body);
        Assert.Equal(("2023-06-01", 0.5, 0.9, 5), (headers["anthropic-version"], (double)body["temperature"]!, (double)body["top_p"]!, (int)body["top_k"]!));
    }

    [Fact]
    public async Task A_tools_schema_and_a_schema_of_the_answer_are_sent_as_they_are()
    {
        await using var model = await Model.StartAsync([]);
        var tool = AIFunctionFactory.CreateDeclaration("find", "Finds.", JsonElement.Parse("""{"type":"object","properties":{"q":{"type":"string","maxLength":5}},"x-own":1}"""));

        await model.Client.GetResponseAsync("hi", new ChatOptions { Tools = [tool], ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"type":"object"}""")) });

        var body = model.Server.Requests[0].Body;
        JsonAssert("""{"type":"object","properties":{"q":{"type":"string","maxLength":5}},"x-own":1}""", body["tools"]![0]!["input_schema"]);
        JsonAssert("""{"format":{"type":"json_schema","schema":{"type":"object"}}}""", body["output_config"]);
        Assert.Null(body["tool_choice"]);
    }

    private static void JsonAssert(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"Expected {JsonNode.Parse(expected)!.ToJsonString()}\nActual   {actual?.ToJsonString()}");
}
