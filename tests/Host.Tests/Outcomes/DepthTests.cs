using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.Tests.Outcomes;

/// <summary>What callers nest deep is refused before the model is called, or stored and read as it was sent.</summary>
public sealed class DepthTests
{
    private const int Deepest = 64;

    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Values_at_the_limit_are_stored_read_sent_again_exported_and_imported(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        await using (var first = await OutcomeHost.StartAsync(setup))
        {
            (await first.PostAsync("/v1/sessions", new JsonObject { ["id"] = "s", ["state"] = new JsonObject { ["p"] = new JsonObject { ["v"] = Nested(Deepest) } } })).Run("id", 201);
            (await first.RunAsync("s", Transcript(Nested(Deepest)))).Run("id");
            (await first.PostAsync("/v1/chat/completions", Chat(Nested(Deepest).ToJsonString()))).Run("id");
            (await first.PostAsync("/v1/responses", Responses(Nested(Deepest).ToJsonString(), Nested(Deepest)))).Run("id");
        }

        await using var host = await OutcomeHost.StartAsync(setup);
        var messages = (await host.GetAsync("/v1/sessions/s/messages")).Json.GetProperty("data");
        var export = (await host.GetAsync("/v1/sessions/s/export?messages=true")).Json;
        var copy = JsonNode.Parse(export.GetRawText(), documentOptions: Deep)!;
        copy["session_id"] = "copy";
        (await host.PostAsync("/v1/sessions/import", copy)).Run("id", 201);
        var copied = (await host.GetAsync("/v1/sessions/copy/messages")).Json.GetProperty("data");

        Assert.Equal(4, messages.GetArrayLength());
        Assert.Equal(Nested(Deepest).ToJsonString(), messages[1].GetProperty("content")[0].GetProperty("arguments").GetRawText());
        Assert.Equal(Nested(Deepest).ToJsonString(), messages[2].GetProperty("content")[0].GetProperty("result").GetRawText());
        Assert.Equal(Contents(messages), Contents(copied));
        (await host.RunAsync("copy", "and now?")).Run("id");
        var again = JsonNode.Parse(messages.GetRawText(), documentOptions: Deep)!.AsArray();
        again.Add(new JsonObject { ["role"] = "user", ["content"] = "once more" });
        (await host.RunAsync("other", again)).Run("id");
        Assert.Equal(200, (await host.SendAsync(HttpMethod.Delete, "/v1/sessions/s")).Status);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Deeper_values_and_half_pairs_in_text_are_refused_with_their_path_and_the_model_is_not_called(string store)
    {
        using var setup = new OutcomeSetup(store);
        await using var host = await OutcomeHost.StartAsync(setup);
        var deep = Nested(Deepest + 1);

        await RefusedAsync("/v1/sessions/s/runs", new JsonObject { ["input"] = Transcript(deep) }, "input[1].content[0].arguments");
        await RefusedAsync("/v1/sessions", new JsonObject { ["state"] = new JsonObject { ["p"] = new JsonObject { ["v"] = deep.DeepClone() } } }, "state.p");
        await RefusedAsync("/v1/chat/completions", Chat(deep.ToJsonString()), "messages[1].tool_calls[0].function.arguments");
        await RefusedAsync("/v1/chat/completions", Chat("""{"a":["\ud83d"]}"""), "messages[1].tool_calls[0].function.arguments");
        await RefusedAsync("/v1/chat/completions", Chat("""{"\udc4b":1}"""), "messages[1].tool_calls[0].function.arguments");
        await RefusedAsync("/v1/responses", Responses(deep.ToJsonString(), Nested(3)), "input[1].arguments");
        await RefusedAsync("/v1/responses", Responses("{}", deep), "tools[0].parameters");
        Assert.Empty(host.Model.Requests);

        async Task RefusedAsync(string path, JsonObject body, string member)
        {
            var answer = await host.PostAsync(path, body);
            Assert.True(answer.Status == 400, $"{path}: {answer.Json}");
            Assert.Contains(member, answer.Json.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Half_pairs_in_the_arguments_of_a_models_call_do_not_fail_the_run(string store)
    {
        using var setup = new OutcomeSetup(store);
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new() { ToolCalls = [new("c1", "ask", """{"q":"\ud83d!","ok":"\ud83d\udc4b \\ud83d","\udc4b":1}""")] });
        var tools = new JsonArray(new JsonObject { ["name"] = "ask" });

        var run = await host.PostAsync("/v1/sessions/s/runs", new JsonObject { ["input"] = "hi", ["options"] = new JsonObject { ["tools"] = tools } });

        Assert.Equal("requires_action", run.Run("status"));
        var stored = (await host.GetAsync("/v1/sessions/s/messages")).Json.GetProperty("data")[1].GetProperty("content")[0].GetProperty("arguments");
        Assert.Equal(("\ufffd!", "👋 \\ud83d", 1), (stored.GetProperty("q").GetString(), stored.GetProperty("ok").GetString(), stored.GetProperty("\ufffd").GetInt32()));
    }

    private static List<string> Contents(JsonElement messages) => [.. messages.EnumerateArray().Select(m => m.GetProperty("content").GetRawText())];

    private static JsonDocumentOptions Deep => new() { MaxDepth = 200 };

    /// <summary>An object with so many levels.</summary>
    private static JsonNode Nested(int levels) =>
        JsonNode.Parse($$"""{"a":{{new string('[', levels - 1)}}{{new string(']', levels - 1)}}}""", documentOptions: Deep)!;

    private static JsonArray Transcript(JsonNode value) =>
    [
        new JsonObject { ["role"] = "user", ["content"] = "go" },
        new JsonObject { ["role"] = "assistant", ["content"] = new JsonArray(new JsonObject { ["type"] = "function_call", ["call_id"] = "1", ["name"] = "f", ["arguments"] = value.DeepClone() }) },
        new JsonObject { ["role"] = "tool", ["content"] = new JsonArray(new JsonObject { ["type"] = "function_result", ["call_id"] = "1", ["result"] = value.DeepClone() }) },
    ];

    private static JsonObject Chat(string arguments) => new()
    {
        ["model"] = "assistant",
        ["messages"] = new JsonArray(
            new JsonObject { ["role"] = "user", ["content"] = "go" },
            new JsonObject
            {
                ["role"] = "assistant",
                ["tool_calls"] = new JsonArray(new JsonObject { ["id"] = "1", ["type"] = "function", ["function"] = new JsonObject { ["name"] = "f", ["arguments"] = arguments } }),
            },
            new JsonObject { ["role"] = "tool", ["tool_call_id"] = "1", ["content"] = "done" }),
    };

    private static JsonObject Responses(string arguments, JsonNode schema) => new()
    {
        ["model"] = "assistant",
        ["input"] = new JsonArray(
            new JsonObject { ["role"] = "user", ["content"] = "go" },
            new JsonObject { ["type"] = "function_call", ["call_id"] = "1", ["name"] = "f", ["arguments"] = arguments },
            new JsonObject { ["type"] = "function_call_output", ["call_id"] = "1", ["output"] = "done" }),
        ["tools"] = new JsonArray(new JsonObject { ["type"] = "function", ["name"] = "f", ["parameters"] = schema.DeepClone() }),
    };
}
