using Microsoft.Extensions.AI;
using PluginHost.Tests.Api;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Anthropic;

public sealed class MessagesTests
{
    private const string Path = "/v1/messages";
    private const string Tools = """ "tools":[{"name":"weather","description":"Weather.","input_schema":{"type":"object","properties":{"city":{"type":"string"}}},"cache_control":{"type":"ephemeral"}}] """;

    [Fact]
    public async Task An_answer_has_every_member_that_clients_read()
    {
        await using var host = await ApiHost.StartAsync(new ScriptedModel(_ => new ChatResponseUpdate[]
        {
            new(ChatRole.Assistant, "hello"),
            new(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = 7, OutputTokenCount = 2, CachedInputTokenCount = 3 })]),
        }.ToAsyncEnumerable()));

        var answer = await host.PostAsync(Path, """{"model":"assistant","max_tokens":10,"messages":[{"role":"user","content":"hi"}]}""");

        Assert.True(answer.Headers.Contains("request-id"));
        var message = await answer.JsonAsync();
        Assert.StartsWith("msg_", message.GetProperty("id").GetString());
        Assert.Equal(("message", "assistant", "assistant"), (message.Text("type"), message.Text("role"), message.Text("model")));
        Assert.Equal("""[{"type":"text","text":"hello"}]""", message.GetProperty("content").GetRawText());
        Assert.Equal(("end_turn", null), (message.Text("stop_reason"), message.Text("stop_sequence")));
        Assert.Equal(
            """{"input_tokens":4,"output_tokens":2,"cache_read_input_tokens":3,"cache_creation_input_tokens":0}""",
            message.GetProperty("usage").GetRawText());
    }

    [Fact]
    public async Task The_model_gets_the_transcript_in_order_with_system_results_and_media()
    {
        var model = ScriptedModel.Saying("hello");
        await using var host = await ApiHost.StartAsync(model);
        const string Body = """
            {"model":"assistant","max_tokens":10,"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}},{"type":"text","text":"Be kind."}],
            "metadata":{"user_id":"ada"},"temperature":0.5,"top_p":0.9,"top_k":4,"stop_sequences":["END"],"a_beta_field":{"x":1},
            "messages":[{"role":"user","content":"Rome?"},
            {"role":"assistant","content":[{"type":"thinking","thinking":"Look it up.","signature":"c2ln"},{"type":"text","text":""},{"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Rome"}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"sunny, 21 C"}]},{"type":"text","text":"and?"},
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}}]},
            {"role":"system","content":"A reminder of the program."}]}
            """;

        using var answer = await host.PostAsync(Path, Body);

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var call = model.Calls[0];
        Assert.Equal("Be brief.\nBe kind.", call.Options!.Instructions);
        Assert.Equal((10, 0.5f, 0.9f, 4, "END"), (call.Options.MaxOutputTokens, call.Options.Temperature, call.Options.TopP, call.Options.TopK, call.Options.StopSequences!.Single()));
        Assert.Equal([ChatRole.User, ChatRole.Assistant, ChatRole.Tool, ChatRole.User, ChatRole.System], call.Messages.Select(m => m.Role));
        var thinking = Assert.IsType<TextReasoningContent>(call.Messages[1].Contents[0]);
        Assert.Equal(("Look it up.", "c2ln"), (thinking.Text, thinking.ProtectedData));
        Assert.Equal("Rome", Assert.IsType<FunctionCallContent>(call.Messages[1].Contents[1]).Arguments!["city"]?.ToString());
        Assert.Equal("sunny, 21 C", Assert.IsType<FunctionResultContent>(call.Messages[2].Contents[0]).Result?.ToString());
        Assert.Equal("image/png", Assert.IsType<DataContent>(call.Messages[3].Contents[1]).MediaType);
    }

    [Fact]
    public async Task Text_blocks_of_a_result_are_lines()
    {
        var model = ScriptedModel.Saying("hello");
        await using var host = await ApiHost.StartAsync(model);
        const string Body = """
            {"model":"assistant","max_tokens":10,"messages":[{"role":"user","content":"Files?"},
            {"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"list","input":{}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"file a"},{"type":"text","text":"file b"}]}]}]}
            """;

        using var answer = await host.PostAsync(Path, Body);

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        Assert.Equal("file a\nfile b", Assert.IsType<FunctionResultContent>(model.Calls[0].Messages[2].Contents[0]).Result?.ToString());
    }

    [Fact]
    public async Task Fields_of_betas_are_ignored_inside_blocks_too()
    {
        var model = ScriptedModel.Saying("hello");
        await using var host = await ApiHost.StartAsync(model);
        const string Body = $$$"""
            {"model":"assistant","max_tokens":10,{{{Tools}}},"tool_choice":{"type":"auto","beta":1},"messages":[{"role":"user","content":[
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo=","beta":1}},
            {"type":"image","source":{"type":"url","url":"https://x.example/a.png","beta":1}},
            {"type":"document","source":{"type":"file","file_id":"f","beta":1}},
            {"type":"document","source":{"type":"text","media_type":"text/plain","data":"x","beta":1}},
            {"type":"document","source":{"type":"content","content":"y","beta":1}}]}]}
            """;

        using var answer = await host.PostAsync(Path, Body);

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        Assert.Equal(5, Assert.Single(model.Calls[0].Messages).Contents.Count);
    }

    [Fact]
    public async Task A_call_of_the_callers_tool_is_returned_and_its_result_continues_the_session()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("toolu_1", "weather")), _ => ScriptedModel.Say("Sunny."));
        await using var host = await ApiHost.StartAsync(model);
        host.Http.DefaultRequestHeaders.Add("PluginHost-Session", "trip");

        var called = await (await host.PostAsync(Path, $$"""{"model":"assistant","max_tokens":10,"messages":[{"role":"user","content":"Rome?"}],{{Tools}}}""")).JsonAsync();
        var answered = await (await host.PostAsync(
            Path, $$"""{"model":"assistant","max_tokens":10,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"sunny"}]}],{{Tools}}}""")).JsonAsync();

        Assert.Equal("tool_use", called.Text("stop_reason"));
        Assert.Equal("""[{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}]""", called.GetProperty("content").GetRawText());
        Assert.Equal("Sunny.", answered.GetProperty("content")[0].Text("text"));
        Assert.Equal([ChatRole.User, ChatRole.Assistant, ChatRole.Tool], model.Calls[1].Messages.Select(m => m.Role));
    }

    [Fact]
    public async Task Reasoning_is_shown_to_a_caller_that_asks_for_it()
    {
        var model = new ScriptedModel(_ => new ChatResponseUpdate[]
        {
            new(ChatRole.Assistant, [new TextReasoningContent("Let me ") ]),
            new(ChatRole.Assistant, [new TextReasoningContent("think.") { ProtectedData = "c2ln" }]),
            new(ChatRole.Assistant, "42"),
        }.ToAsyncEnumerable());
        await using var host = await ApiHost.StartAsync(model);

        var shown = await (await host.PostAsync(
            Path, """{"model":"assistant","max_tokens":10,"thinking":{"type":"enabled","budget_tokens":2000},"messages":[{"role":"user","content":"?"}]}""")).JsonAsync();
        var hidden = await (await host.PostAsync(Path, """{"model":"assistant","max_tokens":10,"messages":[{"role":"user","content":"?"}]}""")).JsonAsync();

        Assert.Equal(
            """[{"type":"thinking","thinking":"Let me think.","signature":"c2ln"},{"type":"text","text":"42"}]""",
            shown.GetProperty("content").GetRawText());
        Assert.Equal(ReasoningEffort.Low, model.Calls[0].Options!.Reasoning!.Effort);
        Assert.Equal("""[{"type":"text","text":"42"}]""", hidden.GetProperty("content").GetRawText());
    }

    [Fact]
    public async Task Tokens_are_counted_without_a_call_of_the_model()
    {
        var model = ScriptedModel.Saying("hello");
        await using var host = await ApiHost.StartAsync(model);

        var count = await (await host.PostAsync(
            $"{Path}/count_tokens", $$"""{"model":"assistant","system":"Be brief.","messages":[{"role":"user","content":"one two three"}],{{Tools}}}""")).JsonAsync();

        Assert.InRange(count.GetProperty("input_tokens").GetInt64(), 20, 80);
        Assert.Empty(model.Calls);
    }
}
