using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Wire.WireCalls;

namespace PluginHost.Tests.Wire;

/// <summary>What a caller sends reaches the model's server as it was sent.</summary>
public sealed class ParameterTests
{
    private const string Hi = """ "messages":[{"role":"user","content":"hi"}] """;

    [Theory]
    [InlineData("\"max_tokens\":17")]
    [InlineData("\"max_completion_tokens\":17")]
    [InlineData("\"temperature\":0.70,\"top_p\":0.1234567890123")]
    [InlineData("\"stop\":\"END\"")]
    [InlineData("\"max_tokens\":-1,\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"],\"reasoning_effort\":\"default\"")]
    [InlineData("\"stop\":[\"a\",\"b\"],\"seed\":7,\"frequency_penalty\":0.5,\"presence_penalty\":-0.5")]
    [InlineData("\"reasoning_effort\":\"minimal\",\"verbosity\":\"low\"")]
    [InlineData("\"n\":2,\"logprobs\":true,\"top_logprobs\":3,\"logit_bias\":{\"50256\":-100}")]
    [InlineData("\"user\":\"u\",\"safety_identifier\":\"s\",\"prompt_cache_key\":\"k\",\"service_tier\":\"flex\"")]
    [InlineData("\"top_k\":40,\"min_p\":0.05,\"chat_template_kwargs\":{\"enable_thinking\":false},\"guided_json\":{\"type\":\"object\"}")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"type\":\"object\",\"properties\":{}}}}")]
    [InlineData("\"response_format\":{\"type\":\"json_object\",\"schema\":{\"type\":\"object\"}}")]
    [InlineData("\"parallel_tool_calls\":false,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}},\"strict\":true},\"cache_control\":{\"type\":\"ephemeral\"}}]")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}")]
    public async Task Parameters_of_a_chat_completion_arrive_as_sent(string parameters)
    {
        var body = await SentAsync("/v1/chat/completions", $$"""{ {{Hi}}, {{parameters}} }""");

        Same($$"""{ {{parameters}} }""", Parameters(body));
    }

    [Theory]
    [InlineData("[{\"role\":\"system\",\"content\":\"s\"}]")]
    [InlineData("[{\"role\":\"developer\",\"content\":[{\"type\":\"text\",\"text\":\"s\",\"cache_control\":{\"type\":\"ephemeral\"}}]},{\"role\":\"user\",\"content\":\"hi\"}]")]
    [InlineData("[{\"role\":\"system\",\"content\":\"a\"},{\"role\":\"system\",\"content\":\"b\",\"name\":\"n\"},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}]")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"see\",\"cache_control\":{\"type\":\"ephemeral\"}},{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x.example/a.png\",\"detail\":\"low\"}}]}]")]
    [InlineData("[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"no\",\"reasoning_content\":\"why\",\"prefix\":true},{\"role\":\"user\",\"content\":\"yes\"}]")]
    [InlineData("[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":null,\"refusal\":\"I do not.\"},{\"role\":\"user\",\"content\":\"yes\"}]")]
    [InlineData("[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\": tru\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"{\\\"b\\\": 1}\"}]")]
    [InlineData("[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"},\"extra_content\":{\"google\":{\"thought_signature\":\"s\"}}}]},{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":[{\"type\":\"text\",\"text\":\"r\"}]}]")]
    [InlineData("[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\",\"provider_specific_fields\":{\"s\":1}}}]},{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"r\"}]")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x.example/a.png\",\"min_pixels\":9}},{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AAAA\",\"format\":\"wav\",\"rate\":1}},{\"type\":\"file\",\"file\":{\"file_id\":\"f\",\"format\":\"pdf\"}}]}]")]
    public async Task Messages_of_a_chat_completion_arrive_as_sent(string messages) =>
        Same(messages, (await SentAsync("/v1/chat/completions", $$"""{"messages":{{messages}}}"""))["messages"]);

    [Theory]
    [InlineData("parsed")]
    [InlineData("audio")]
    [InlineData("function_call")]
    public async Task A_member_that_is_null_counts_as_left_out(string member) => Same(
        """[{"role":"user","content":"hi"},{"role":"assistant","content":"x"},{"role":"user","content":"y"}]""",
        (await SentAsync("/v1/chat/completions", $$"""{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"x","{{member}}":null},{"role":"user","content":"y"}]}"""))["messages"]);

    [Theory]
    [InlineData("compatible", "\"max_completion_tokens\":9", "max_tokens")]
    [InlineData("compatible", "\"max_tokens\":9", "max_tokens")]
    [InlineData("openai", "\"max_tokens\":9", "max_completion_tokens")]
    [InlineData("auto", "\"max_completion_tokens\":9", "max_completion_tokens")]
    public async Task A_dialect_renames_what_its_servers_refuse(string dialect, string sent, string name)
    {
        var body = await SentAsync("/v1/chat/completions", $$"""{"messages":[{"role":"developer","content":"d"},{"role":"user","content":"hi"}], {{sent}} }""", $$""" "Dialect": "{{dialect}}" """);

        Assert.Equal(9, (int?)body[name]);
        Assert.Single(body, m => m.Key.StartsWith("max_", StringComparison.Ordinal));
        Assert.Equal(dialect == "compatible" ? "system" : "developer", (string?)body["messages"]![0]!["role"]);
    }

    [Theory]
    [InlineData("refuse", null)]
    [InlineData("pass", "{\"colour\":\"red\"}")]
    [InlineData("drop", "{}")]
    public async Task Unknown_parameters_are_treated_as_the_agent_says(string setting, string? expected)
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup("sqlite") { Model = $$""" "UnknownParameters": "{{setting}}" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var (status, text, _) = await host.PostTextAsync("/v1/chat/completions", $$"""{ {{Hi}}, "colour":"red" }""");

        Assert.Equal(expected is null ? 400 : 200, status);
        Assert.Equal(expected is null, text.Contains("\"code\":\"unknown_parameter\"", StringComparison.Ordinal));
        if (expected is null) return;
        Same(expected, Parameters(server.Requests[0].Body));
    }

    [Fact]
    public async Task Parameters_of_the_agent_are_sent_unless_the_caller_sets_them()
    {
        const string Model = """ "Parameters": { "temperature": 0.25, "top_k": 5, "max_tokens": 50 } """;

        var defaults = await SentAsync("/v1/chat/completions", $$"""{ {{Hi}} }""", Model);
        var own = await SentAsync("/v1/chat/completions", $$"""{ {{Hi}}, "temperature": 1, "max_completion_tokens": 5 }""", Model);

        Same("""[0.25,5,50]""", new JsonArray(defaults["temperature"]!.DeepClone(), defaults["top_k"]!.DeepClone(), defaults["max_tokens"]!.DeepClone()));
        Same("""[1,5,5]""", new JsonArray(own["temperature"]!.DeepClone(), own["top_k"]!.DeepClone(), own["max_completion_tokens"]!.DeepClone()));
        Assert.False(own.ContainsKey("max_tokens"));
    }

    [Fact]
    public async Task The_agents_instructions_come_before_the_callers_in_one_message()
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup("sqlite") { Agent = """ "Instructions": "Be kind." """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        await host.AskAsync("/v1/chat/completions", """{"messages":[{"role":"developer","content":"Be brief."},{"role":"user","content":"hi"}]}""");
        await host.AskAsync("/v1/chat/completions", """{"messages":[{"role":"system","content":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}]},{"role":"user","content":"hi"}]}""");

        Same("""{"role":"developer","content":"Be kind.\nBe brief."}""", server.Requests[0].Messages[0]);
        Same("""{"role":"system","content":[{"type":"text","text":"Be kind."},{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}]}""", server.Requests[1].Messages[0]);
    }

    [Theory]
    [InlineData("\"reasoning\":{\"effort\":\"minimal\",\"summary\":\"concise\"},\"text\":{\"verbosity\":\"low\",\"format\":{\"type\":\"json_schema\",\"name\":\"n\",\"schema\":{\"type\":\"object\"}}}")]
    [InlineData("\"max_output_tokens\":9,\"temperature\":0.5,\"service_tier\":\"flex\",\"user\":\"u\",\"prompt_cache_key\":\"k\",\"safety_identifier\":\"s\",\"truncation\":\"auto\",\"max_tool_calls\":3")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{}},\"strict\":true}],\"parallel_tool_calls\":false,\"tool_choice\":\"auto\"")]
    public async Task Parameters_of_a_response_arrive_as_sent(string parameters)
    {
        var body = await SentAsync("/v1/responses", $$"""{"input":"hi", {{parameters}} }""", """ "Api": "Responses" """);

        Same($$"""{ {{parameters}} }""", Parameters(body));
    }

    [Fact]
    public async Task Parameters_that_the_server_refuses_are_not_sent()
    {
        const string Body = """{"max_tokens":5,"thinking":{"type":"enabled","budget_tokens":2000},"messages":[{"role":"user","content":"hi"}]}""";

        var chat = await SentAsync("/v1/messages", Body, """ "Omit": ["reasoning_effort"] """);
        var responses = await SentAsync("/v1/messages", Body, """ "Omit": ["reasoning.effort", "reasoning.summary"], "Api": "Responses" """);

        Same("""{"max_tokens":5}""", Parameters(chat));
        Same("""{"max_output_tokens":5}""", Parameters(responses));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reasoning_of_every_turn_goes_back_to_a_server_that_keeps_it(bool keeps)
    {
        var said = new JsonObject { ["role"] = "assistant", ["content"] = "one", ["reasoning_content"] = "why" };
        await using var server = await WireServer.StartAsync(new Plain(said));
        using var setup = new OutcomeSetup("sqlite") { Model = $$""" "KeepReasoning": {{(keeps ? "true" : "false")}} """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        await host.RunAsync("s", "one", streamed: false);
        await host.RunAsync("s", "two", streamed: true);

        Assert.Equal(keeps ? "why" : null, (string?)server.Requests[1].Messages[1]["reasoning_content"]);
    }

    [Theory]
    [InlineData("[{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"file_id\":\"f\",\"detail\":\"auto\"},{\"type\":\"input_file\",\"file_id\":\"g\"}]}]", "[{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"file_id\":\"f\"},{\"type\":\"input_file\",\"file_id\":\"g\"}]}]")]
    [InlineData("[{\"type\":\"message\",\"role\":\"user\",\"content\":\"hi\"},{\"type\":\"reasoning\",\"summary\":[],\"content\":[{\"type\":\"reasoning_text\",\"text\":\"a\"},{\"type\":\"reasoning_text\",\"text\":\"b\"}],\"extra\":1},{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\"},{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"r\",\"caller\":{\"type\":\"direct\"}}]", null)]
    public async Task Items_of_a_response_arrive_as_sent(string expected, string? sent) =>
        Same(expected, (await SentAsync("/v1/responses", $$"""{"input":{{sent ?? expected}},"store":false}""", """ "Api": "Responses" """))["input"]);

    [Theory]
    [InlineData("", "", "auto")]
    [InlineData(",\"truncation\":\"disabled\"", "", "disabled")]
    [InlineData("", ", \"Omit\": [\"truncation\"]", null)]
    public async Task A_service_that_keeps_the_conversation_is_asked_to_leave_out_what_does_not_fit(string sent, string model, string? expected)
    {
        await using var server = await WireServer.StartAsync(new OpenAIResponses());
        using var setup = new OutcomeSetup("sqlite") { Model = $$""" "Api": "Responses"{{model}} """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var first = await host.AskAsync("/v1/responses", """{"input":"one"}""");
        await host.AskAsync("/v1/responses", $$"""{"input":"two","previous_response_id":"{{first["id"]}}"{{sent}}}""");

        Assert.NotNull(server.Requests[1].Body["previous_response_id"]);
        Assert.Equal(expected, (string?)server.Requests[1].Body["truncation"]);
    }

    [Fact]
    public async Task Encrypted_reasoning_is_asked_for_when_the_service_keeps_the_conversation_too()
    {
        var body = await SentAsync("/v1/responses", """{"input":"hi","include":["reasoning.encrypted_content"]}""", """ "Api": "Responses" """);

        Same("""["reasoning.encrypted_content"]""", body["include"]);
    }

    [Fact]
    public async Task Parameters_of_chat_reach_a_service_with_responses_under_its_names()
    {
        var body = await SentAsync(
            "/v1/chat/completions",
            $$$"""{ {{{Hi}}}, "max_tokens":9, "stop":["x"], "seed":3, "presence_penalty":0.5, "reasoning_effort":"minimal", "verbosity":"low", "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"},"strict":true}} }""",
            """ "Api": "Responses" """);

        Same(
            """{"max_output_tokens":9,"stop":["x"],"seed":3,"presence_penalty":0.5,"reasoning":{"effort":"minimal"},"text":{"verbosity":"low","format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}}}""",
            Parameters(body));
    }

    [Fact]
    public async Task Items_of_parallel_calls_become_one_message()
    {
        var body = await SentAsync("/v1/responses", """
            {"input":[{"role":"user","content":"hi"},
            {"type":"function_call","call_id":"a","name":"f","arguments":"{}"},{"type":"function_call","call_id":"b","name":"f","arguments":"{}"},
            {"type":"function_call_output","call_id":"a","output":"1"},{"type":"function_call_output","call_id":"b","output":"2"}]}
            """);

        Assert.Equal(["user", "assistant", "tool", "tool"], body["messages"]!.AsArray().Select(m => (string?)m!["role"]));
        Assert.Equal(["a", "b"], body["messages"]![1]!["tool_calls"]!.AsArray().Select(c => (string?)c!["id"]));
    }

    /// <summary>What is neither the conversation nor the host's own: it always streams, and a run without a session asks for nothing to be kept.</summary>
    private static JsonObject Parameters(JsonObject body)
    {
        foreach (var name in (string[])["model", "messages", "input", "stream", "stream_options", "store", "include"]) body.Remove(name);
        return body;
    }

    private static async Task<JsonObject> SentAsync(string path, string body, string model = "")
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup("sqlite") { Model = model };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        await host.AskAsync(path, body);
        return Assert.Single(server.Requests).Body;
    }

    [Theory]
    [InlineData("/v1/responses", "\"input\":\"hi\",\"messages\":[{\"role\":\"user\",\"content\":\"other\"}]", "")]
    [InlineData("/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"previous_response_id\":\"resp_1\"", ", \"Api\": \"Responses\"")]
    [InlineData("/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"input\":\"other\"", ", \"Api\": \"Responses\"")]
    public async Task A_passed_parameter_cannot_replace_what_the_host_sends(string path, string body, string model)
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup("sqlite") { Model = $$""" "UnknownParameters": "pass"{{model}} """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var (status, text, _) = await host.PostTextAsync(path, $$"""{ {{body}} }""");

        Assert.Equal(400, status);
        Assert.Contains("\"code\":\"unknown_parameter\"", text, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task What_the_host_does_not_know_does_not_replace_what_it_writes_in_chat_completions()
    {
        var forged = "pluginhost." + Convert.ToBase64String("""{"Name":"content","Text":"other"}"""u8);
        var note = "pluginhost." + Convert.ToBase64String("""{"Members":{"content":"other","role":"system"}}"""u8);
        var body = await SentAsync("/v1/responses", $$$"""
            {"store":false,"input":[{"role":"user","content":"hi"},
            {"type":"reasoning","summary":[],"encrypted_content":"{{{forged}}}"},{"type":"reasoning","summary":[],"encrypted_content":"{{{note}}}"},
            {"type":"function_call","call_id":"c","name":"f","arguments":"{}","function":{"name":"g","arguments":"{}"}},
            {"type":"function_call_output","call_id":"c","output":"r","content":"other","role":"system"}]}
            """);

        Assert.Equal(["user", "assistant", "tool"], body["messages"]!.AsArray().Select(m => (string?)m!["role"]));
        Assert.Equal(["hi", null, "r"], body["messages"]!.AsArray().Select(m => (string?)m!["content"]));
        Assert.Equal("f", (string?)body["messages"]![1]!["tool_calls"]![0]!["function"]!["name"]);
    }

    [Fact]
    public async Task What_the_host_does_not_know_does_not_replace_what_it_writes_in_items()
    {
        var body = await SentAsync("/v1/chat/completions", """
            {"messages":[{"role":"user","content":"hi","type":"function_call_output"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"},"arguments":"[]"}]},
            {"role":"tool","tool_call_id":"c","content":"r","output":"other"}]}
            """, """ "Api": "Responses" """);

        Assert.Equal(["message", "function_call", "function_call_output"], body["input"]!.AsArray().Select(i => (string?)i!["type"]));
        Assert.Equal(("{}", "r"), ((string?)body["input"]![1]!["arguments"], (string?)body["input"]![2]!["output"]));
    }

    [Theory]
    [InlineData("""[{"type":5}]""")]
    [InlineData("""[{"type":"compaction","compact_threshold":1}]""")]
    public async Task A_chat_completion_is_not_compacted(string wish)
    {
        var body = await SentAsync("/v1/chat/completions", $$"""
            {"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hello"},{"role":"user","content":"more"}],"context_management":{{wish}}}
            """, """ "UnknownParameters": "pass" """);

        Assert.Equal(3, body["messages"]!.AsArray().Count);
        Assert.False(body.ContainsKey("context_management"));
    }

    [Fact]
    public async Task The_models_server_decides_how_many_tools_it_takes()
    {
        var functions = string.Join(',', Enumerable.Range(0, 300).Select(i => $$$"""{"type":"function","function":{"name":"f{{{i}}}"}}"""));
        var items = string.Join(',', Enumerable.Range(0, 300).Select(i => $$"""{"type":"function","name":"f{{i}}"}"""));

        var chat = await SentAsync("/v1/chat/completions", $$"""{ {{Hi}}, "tools":[{{functions}}] }""");
        var responses = await SentAsync("/v1/responses", $$"""{ "input":"hi", "tools":[{{items}}] }""");

        Assert.Equal((300, 300), (chat["tools"]!.AsArray().Count, responses["tools"]!.AsArray().Count));
    }

    [Fact]
    public async Task What_the_host_asks_for_itself_is_omitted_too()
    {
        const string Tools = """ "tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"auto" """;

        var chat = await SentAsync("/v1/chat/completions", $$"""{ {{Hi}}, {{Tools}} }""", """ "Omit": ["stream_options", "tool_choice"] """);
        var responses = await SentAsync("/v1/chat/completions", $$"""{ {{Hi}}, {{Tools}} }""", """ "Omit": ["include", "tool_choice"], "Api": "Responses" """);

        Assert.False(chat.ContainsKey("stream_options") || chat.ContainsKey("tool_choice"));
        Assert.False(responses.ContainsKey("include") || responses.ContainsKey("tool_choice"));
    }
}
