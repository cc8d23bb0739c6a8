using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.OpenAI;

public sealed class ChatTests
{
    private const string Path = "/v1/chat/completions";
    private const string Tools = """ "tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}},"strict":true}}] """;

    [Fact]
    public async Task An_answer_has_every_member_that_clients_read()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("hello"));

        var answer = await (await host.PostAsync(Path, """{"model":"assistant","messages":[{"role":"user","content":"hi"}]}""")).JsonAsync();

        Assert.StartsWith("chatcmpl-", answer.GetProperty("id").GetString());
        Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
        Assert.Equal(JsonValueKind.Number, answer.GetProperty("created").ValueKind);
        Assert.Equal("assistant", answer.GetProperty("model").GetString());
        Assert.Equal(
            """[{"index":0,"message":{"role":"assistant","content":"hello","refusal":null,"annotations":[]},"finish_reason":"stop","logprobs":null}]""",
            answer.GetProperty("choices").GetRawText());
    }

    [Fact]
    public async Task Without_a_session_nothing_is_kept_and_the_model_gets_the_transcript_unchanged()
    {
        var model = ScriptedModel.Saying("hello");
        await using var host = await ApiHost.StartAsync(model);
        const string Body = """
            {"messages":[{"role":"system","content":"Be brief."},{"role":"developer","content":[{"type":"text","text":"Be kind."}]},
            {"role":"user","content":"hi","name":"ada"},{"role":"assistant","content":"hello","refusal":null,"annotations":[]},
            {"role":"assistant","content":""},{"role":"system","content":"Now shout."},{"role":"user","content":[{"type":"text","text":"again"}]}]}
            """;

        Assert.True((await host.PostAsync(Path, Body)).IsSuccessStatusCode);

        Assert.Equal("Be brief.\nBe kind.", model.Calls[0].Options!.Instructions);
        Assert.Equal(["user: hi", "assistant: hello", "system: Now shout.", "user: again"], model.Sent(0));
        Assert.Equal("ada", model.Calls[0].Messages[0].AuthorName);
        Assert.Equal(0, (await (await host.Http.GetAsync("/v1/sessions")).JsonAsync()).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task With_a_session_the_host_holds_the_transcript_and_the_caller_may_resend_it()
    {
        var model = ScriptedModel.Saying("hello");
        await using var host = await ApiHost.StartAsync(model);

        await CallAsync(host, """{"messages":[{"role":"system","content":"S"},{"role":"user","content":"one"}]}""");
        await CallAsync(host, """{"messages":[{"role":"user","content":"two"}]}""");
        await CallAsync(
            host,
            """
            {"messages":[{"role":"system","content":"S"},{"role":"user","content":"one"},{"role":"assistant","content":"hello"},
            {"role":"user","content":"two"},{"role":"assistant","content":"hello"},{"role":"user","content":"three"}]}
            """);

        Assert.Equal(["user: one", "assistant: hello", "user: two", "assistant: hello", "user: three"], model.Sent(2));
        var messages = await (await host.Http.GetAsync("/v1/sessions/trip/messages")).JsonAsync();
        Assert.Equal(6, messages.GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task A_transcript_that_differs_from_the_session_is_refused_without_retry_and_with_the_cure()
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("hello"));
        await CallAsync(host, """{"messages":[{"role":"user","content":"one"}]}""");

        using var answer = await SendAsync(
            host, """{"messages":[{"role":"user","content":"one"},{"role":"assistant","content":"other"},{"role":"user","content":"two"}]}""", "trip");

        var error = await answer.OpenAIErrorAsync(409, "transcript_diverged");
        Assert.Equal("false", answer.Headers.GetValues("x-should-retry").Single());
        Assert.Contains("Send only the new messages", error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_call_of_the_callers_tool_is_returned_and_its_result_continues_the_run()
    {
        var model = new ScriptedModel(
            _ => ScriptedModel.CallTools(("call_1", "weather")),
            _ => ScriptedModel.Say("Sunny."));
        await using var host = await ApiHost.StartAsync(model);

        var called = await (await host.PostAsync(Path, $$"""{"messages":[{"role":"user","content":"Rome?"}],{{Tools}} }""")).JsonAsync();
        var choice = called.GetProperty("choices")[0];
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(JsonValueKind.Null, choice.GetProperty("message").GetProperty("content").ValueKind);
        Assert.Equal(
            """[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{}"}}]""",
            choice.GetProperty("message").GetProperty("tool_calls").GetRawText());
        var strict = Assert.Single(model.Calls[0].Options!.Tools!);
        Assert.Equal(true, strict.AdditionalProperties["strict"]);

        var message = choice.GetProperty("message").GetRawText();
        var said = await (await host.PostAsync(
            Path, $$"""{"messages":[{"role":"user","content":"Rome?"},{{message}},{"role":"tool","tool_call_id":"call_1","content":"sun"}],{{Tools}} }""")).JsonAsync();

        Assert.Equal("Sunny.", said.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(["user: Rome?", "assistant: <weather>", "tool: [sun]"], model.Sent(1));
    }

    [Fact]
    public async Task Parameters_reach_the_model()
    {
        var model = ScriptedModel.Saying("{}");
        await using var host = await ApiHost.StartAsync(model);
        var body = $$"""
            {"messages":[{"role":"user","content":"hi"}],{{Tools}},"tool_choice":{"type":"function","function":{"name":"weather"} },"parallel_tool_calls":false,
            "temperature":0.5,"top_p":0.25,"frequency_penalty":1,"presence_penalty":-1,"max_completion_tokens":7,"seed":42,"stop":["x","y"],
            "reasoning_effort":"high","response_format":{"type":"json_schema","json_schema":{"name":"shape","schema":{"type":"object"},"strict":true} },
            "n":1,"logprobs":false,"user":"u","store":true,"service_tier":"auto","metadata":{"a":"b"},"modalities":["text"]}
            """;

        var answer = await host.PostAsync(Path, body);

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var options = model.Calls[0].Options!;
        Assert.Equal((0.5f, 0.25f, 1f, -1f), (options.Temperature, options.TopP, options.FrequencyPenalty, options.PresencePenalty));
        Assert.Equal((7, 42L, false), (options.MaxOutputTokens, options.Seed, options.AllowMultipleToolCalls));
        Assert.Equal(["x", "y"], options.StopSequences!);
        Assert.Equal("weather", Assert.IsType<RequiredChatToolMode>(options.ToolMode).RequiredFunctionName);
        Assert.Equal(ReasoningEffort.High, options.Reasoning!.Effort);
        Assert.Equal("shape", Assert.IsType<ChatResponseFormatJson>(options.ResponseFormat).SchemaName);
        Assert.Equal(true, options.AdditionalProperties!["strict"]);
    }

    [Fact]
    public async Task Images_audio_and_files_reach_the_model()
    {
        var model = ScriptedModel.Saying("nice");
        await using var host = await ApiHost.StartAsync(model);
        const string Body = """
            {"messages":[{"role":"user","content":[{"type":"text","text":"see"},
            {"type":"image_url","image_url":{"url":"https://example.com/a.png","detail":"low"}},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,AAEC"}},
            {"type":"input_audio","input_audio":{"data":"AAEC","format":"mp3"}},
            {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AAEC"}},
            {"type":"file","file":{"file_id":"file-1"}}]}]}
            """;

        var answer = await host.PostAsync(Path, Body);

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var contents = model.Calls[0].Messages[0].Contents;
        Assert.Equal("low", Assert.IsType<UriContent>(contents[1]).AdditionalProperties!["detail"]);
        Assert.Equal("image/png", Assert.IsType<DataContent>(contents[2]).MediaType);
        Assert.Equal("audio/mpeg", Assert.IsType<DataContent>(contents[3]).MediaType);
        Assert.Equal(("a.pdf", "application/pdf"), (Assert.IsType<DataContent>(contents[4]).Name, ((DataContent)contents[4]).MediaType));
        Assert.Equal("file-1", Assert.IsType<HostedFileContent>(contents[5]).FileId);
    }

    [Theory]
    [InlineData("length", "length")]
    [InlineData("content_filter", "content_filter")]
    [InlineData("tool_calls", "stop")]
    public async Task The_finish_reason_is_returned(string reason, string expected)
    {
        var model = new ScriptedModel(_ => new[] { new ChatResponseUpdate(ChatRole.Assistant, "x") { FinishReason = new ChatFinishReason(reason) } }.ToAsyncEnumerable());
        await using var host = await ApiHost.StartAsync(model);

        var answer = await (await host.PostAsync(Path, """{"messages":[{"role":"user","content":"hi"}]}""")).JsonAsync();

        Assert.Equal(expected, answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task A_refusal_of_the_model_is_a_refusal()
    {
        var model = new ScriptedModel(_ => new[] { new ChatResponseUpdate(ChatRole.Assistant, [new ErrorContent("No.") { ErrorCode = "Refusal" }]) }.ToAsyncEnumerable());
        await using var host = await ApiHost.StartAsync(model);

        var answer = await (await host.PostAsync(Path, """{"messages":[{"role":"user","content":"hi"}]}""")).JsonAsync();

        var message = answer.GetProperty("choices")[0].GetProperty("message");
        Assert.Equal(("No.", JsonValueKind.Null), (message.GetProperty("refusal").GetString(), message.GetProperty("content").ValueKind));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("X-Session-Id")]
    public async Task A_routing_header_of_another_program_names_a_session_only_when_the_agent_asks_for_it(string? asked)
    {
        var model = ScriptedModel.Saying("hello");
        await using var host = await ApiHost.StartAsync(model: model, agent: new AgentConfiguration("assistant") { SessionHeader = asked });

        foreach (var text in (string[])["make a title", "the real question"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Path)
            {
                Content = new StringContent($$"""{"messages":[{"role":"user","content":"{{text}}"}]}""", null, "application/json"),
            };
            request.Headers.Add("X-Session-Id", "ses_1");
            using var answer = await host.Http.SendAsync(request);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        Assert.Equal(asked is null ? ["user: the real question"] : ["user: make a title", "assistant: hello", "user: the real question"], model.Sent(1));
        using var session = await host.Http.GetAsync("/v1/sessions/ses_1");
        Assert.Equal(asked is null ? System.Net.HttpStatusCode.NotFound : System.Net.HttpStatusCode.OK, session.StatusCode);
    }

    private static async Task CallAsync(ApiHost host, string json)
    {
        using var answer = await SendAsync(host, json, "trip");
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static Task<HttpResponseMessage> SendAsync(ApiHost host, string json, string session)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(json, null, "application/json") };
        request.Headers.Add("PluginHost-Session", session);
        return host.Http.SendAsync(request);
    }
}
