using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.Ollama.Tests;

/// <summary>What Ollama is sent.</summary>
public sealed class RequestTests
{
    private static readonly byte[] Pixel = [1, 2, 3];

    [Fact]
    public async Task A_conversation_with_calls_goes_out_with_its_thinking_images_and_results()
    {
        await using var model = await Model.StartAsync([]);
        var answer = new ChatMessage(ChatRole.Assistant,
        [
            new TextReasoningContent("I look."),
            new FunctionCallContent("c1", "look", new Dictionary<string, object?> { ["at"] = "sky" }), new FunctionCallContent("c2", "count"),
        ]);
        var results = new ChatMessage(ChatRole.Tool,
        [
            new FunctionResultContent("c1", JsonSerializer.SerializeToElement("blue")),
            new FunctionResultContent("c2", new List<AIContent> { new TextContent("two"), new DataContent(Pixel, "image/png") }),
        ]);

        await model.Client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, [new TextContent("What is this?"), new DataContent(Pixel, "image/png")]), answer, results, new ChatMessage(ChatRole.User, "And?")],
            new ChatOptions { Instructions = "Be brief." });

        JsonAssert("""
            [
              { "role": "system", "content": "Be brief." },
              { "role": "user", "content": "What is this?", "images": ["AQID"] },
              { "role": "assistant", "content": "", "thinking": "I look.", "tool_calls": [
                { "id": "c1", "function": { "index": 0, "name": "look", "arguments": { "at": "sky" } } },
                { "id": "c2", "function": { "index": 1, "name": "count", "arguments": {} } } ] },
              { "role": "tool", "content": "blue", "tool_name": "look", "tool_call_id": "c1" },
              { "role": "tool", "content": "two", "tool_name": "count", "tool_call_id": "c2", "images": ["AQID"] },
              { "role": "user", "content": "And?" }
            ]
            """, model.Server.Requests[0]["messages"]);
    }

    [Fact]
    public async Task Parts_that_a_caller_sent_as_a_result_are_text_and_images()
    {
        await using var model = await Model.StartAsync([]);
        var parts = JsonElement.Parse("""[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"}},{"type":"other","x":1}]""");
        var result = new FunctionResultContent("c1", parts) { AdditionalProperties = new() { ["wire.form"] = JsonSerializer.SerializeToElement("part") } };

        await model.Client.GetResponseAsync([new ChatMessage(ChatRole.User, "Look."), new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("c1", "look")]), new ChatMessage(ChatRole.Tool, [result])]);

        JsonAssert(
            """{ "role": "tool", "content": "see\n{\"type\":\"other\",\"x\":1}", "tool_name": "look", "tool_call_id": "c1", "images": ["AQID"] }""",
            model.Server.Requests[0]["messages"]!.AsArray()[^1]);
    }

    [Fact]
    public async Task Options_are_sent_as_configured_and_a_request_overrides_them()
    {
        await using var model = await Model.StartAsync(
            [],
            o => o with { KeepAlive = "-1", Parameters = new Dictionary<string, decimal> { ["num_ctx"] = 8192, ["temperature"] = 0.2m, ["min_p"] = 0.05m }, Think = OllamaThinking.On },
            "gpt-oss");

        await model.Client.GetResponseAsync("hi");
        await model.Client.GetResponseAsync("hi", new ChatOptions
        {
            Temperature = 0.5f,
            MaxOutputTokens = 100,
            StopSequences = ["END"],
            Reasoning = new ReasoningOptions { Effort = ReasoningEffort.Low },
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("""{"type":"object"}""")),
        });

        var (first, second) = (model.Server.Requests[0], model.Server.Requests[1]);
        JsonAssert("""{ "num_ctx": 8192, "temperature": 0.2, "min_p": 0.05 }""", first["options"]);
        JsonAssert("""{ "num_ctx": 8192, "temperature": 0.5, "min_p": 0.05, "num_predict": 100, "stop": ["END"] }""", second["options"]);
        Assert.Equal("-1 true false", $"{first["keep_alive"]!.ToJsonString()} {first["think"]!.ToJsonString()} {first["truncate"]!.ToJsonString()}");
        Assert.Equal("""low {"type":"object"}""", $"{second["think"]} {second["format"]!.ToJsonString()}");
    }

    [Fact]
    public async Task Tools_are_offered_by_the_choice_of_the_request()
    {
        await using var model = await Model.StartAsync([], o => o with { KeepAlive = "10m" });
        List<AITool> tools = [AIFunctionFactory.Create((int a) => a, "one", "Gives one."), AIFunctionFactory.Create(() => 2, "two")];

        await model.Client.GetResponseAsync("hi", new ChatOptions { Tools = tools });
        await model.Client.GetResponseAsync("hi", new ChatOptions { Tools = tools, ToolMode = ChatToolMode.RequireSpecific("two") });
        await model.Client.GetResponseAsync("hi", new ChatOptions { Tools = tools, ToolMode = ChatToolMode.None });

        string[] NamesOf(int request) => [.. (model.Server.Requests[request]["tools"]?.AsArray() ?? []).Select(t => (string)t!["function"]!["name"]!)];
        Assert.Equal(["one", "two"], NamesOf(0));
        Assert.Equal(["two"], NamesOf(1));
        Assert.Empty(NamesOf(2));
        var first = model.Server.Requests[0]["tools"]![0]!["function"]!;
        Assert.Equal("Gives one. integer", $"{first["description"]} {first["parameters"]!["properties"]!["a"]!["type"]}");
        Assert.Equal("\"10m\"", model.Server.Requests[0]["keep_alive"]!.ToJsonString());
    }

    [Fact]
    public async Task A_file_that_Ollama_cannot_read_is_refused_before_the_call()
    {
        await using var model = await Model.StartAsync([]);

        var failure = await model.FailAsync(new ChatMessage(ChatRole.User, [new UriContent("https://example.com/a.png", "image/png")]));

        Assert.Equal(ModelFailure.Rejected, failure.Failure);
        Assert.Contains("It takes text, and images as data, but not the address of a file of type image/png.", failure.Message, StringComparison.Ordinal);
        Assert.Empty(model.Server.Requests);
    }

    [Fact]
    public async Task Files_of_tools_and_of_other_models_do_not_end_the_run()
    {
        await using var model = await Model.StartAsync([]);
        var result = new FunctionResultContent("c1", new List<AIContent> { new TextContent("Read."), new DataContent(Pixel, "application/pdf") });
        var answer = new ChatMessage(ChatRole.Assistant, [new DataContent(Pixel, "audio/wav"), new FunctionCallContent("c1", "read")]);

        await model.Client.GetResponseAsync([new ChatMessage(ChatRole.User, "Read."), answer, new ChatMessage(ChatRole.Tool, [result])]);

        Assert.Equal("Read.\n[a file of type application/pdf]", (string?)model.Server.Requests[0]["messages"]![2]!["content"]);
    }

    internal static void JsonAssert(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"Expected {JsonNode.Parse(expected)!.ToJsonString()}\nActual   {actual?.ToJsonString()}");
}
