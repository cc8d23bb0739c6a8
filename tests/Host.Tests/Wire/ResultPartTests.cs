using PluginHost.ModelClients.OpenAI;
using Microsoft.Extensions.AI;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Wire.WireCalls;

namespace PluginHost.Tests.Wire;

/// <summary>A tool's result with an image reaches the model as parts, in the turn that it is from and when a history gives it back.</summary>
public sealed class ResultPartTests
{
    private const string Result = """
        [{"role":"user","content":"look"},
        {"role":"assistant","content":[{"type":"tool_use","id":"t","name":"weather","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"see"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}}]}]}]
        """;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task Of_chat_completions(string store) => Assert.All(
        (await SentAsync(store, "")).Select(r => r.Messages.Single(m => (string?)m["role"] == "tool")["content"]),
        content => Same("""[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]""", content));

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task Of_responses(string store) => Assert.All(
        (await SentAsync(store, """ "Api": "Responses" """)).Select(r => r.Input.Single(m => (string?)m["type"] == "function_call_output")["output"]),
        output => Same("""[{"type":"input_text","text":"see"},{"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgo=","detail":"auto"}]""", output));

    [Fact]
    public async Task A_file_of_a_caller_of_responses_has_the_form_of_chat_completions()
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);

        await host.AskAsync("/v1/responses", """
            {"input":[{"role":"user","content":"look"},{"type":"function_call","call_id":"c","name":"look","arguments":"{}"},
            {"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"see"},{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,AQID"}]}]}
            """);

        Same(
            """[{"type":"text","text":"see"},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,AQID"}}]""",
            server.Requests[0].Messages.Single(m => (string?)m["role"] == "tool")["content"]);
    }

    /// <summary>The requests of two turns.</summary>
    private static async Task<IReadOnlyList<WireRequest>> SentAsync(string store, string model)
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup(store) { Model = model, Agent = """ "ServiceSession": "off" """ };
        await using (var host = await OutcomeHost.StartAsync(setup, server))
        {
            await host.SayAsync(JsonNode.Parse(Result)!.AsArray(), streamed: false, headers: ("PluginHost-Session", "s"));
            await host.StopAsync();
        }

        await using var again = await OutcomeHost.StartAsync(setup, server);
        await again.SayAsync([new JsonObject { ["role"] = "user", ["content"] = "and?" }], streamed: false, headers: ("PluginHost-Session", "s"));
        Assert.Equal(2, server.Requests.Count);
        return server.Requests;
    }

    [Theory]
    [InlineData("""{"$type":"data","uri":"x"}""")]
    [InlineData("""[{"$type":"uri","uri":"http://[","mediaType":"image/png"}]""")]
    [InlineData("""{"$type":"uri"}""")]
    [InlineData("""{"$type":"nothing"}""")]
    public void A_result_that_only_looks_like_a_content_is_no_part(string result) =>
        Assert.Null(ResultParts.Find(new FunctionResultContent("c", JsonElement.Parse(result))));
}
