using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Wire.WireCalls;

namespace PluginHost.Tests.Wire;

/// <summary>Parts of messages that only some servers know reach those servers as they were sent.</summary>
public sealed class OtherPartTests
{
    private const string Parts = """
        [{"type":"text","text":"What happens?"},{"type":"video_url","video_url":{"url":"https://example.com/a.mp4"},"fps":2},
        {"type":"file","file":{"filename":"a.csv","file_data":"https://example.com/a.csv"}},{"type":"file","file":{"url":"https://example.com/b.pdf"}},
        {"type":"document_url","document_url":"https://example.com/c.pdf"}]
        """;

    [Theory]
    [InlineData("ms://file-1", true)]
    [InlineData("gs://bucket/a.png", true)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("data:image/png;base64,???", false)]
    public async Task An_image_at_the_models_service_passes_and_a_path_of_its_disk_does_not(string url, bool passes)
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup, server);
        using var echoing = new OutcomeSetup("sqlite") { Echo = true };
        await using var echo = await OutcomeHost.StartAsync(echoing, server);
        var parts = $$$"""[{"type":"text","text":"Look."},{"type":"image_url","image_url":{"url":"{{{url}}}","detail":"low"}}]""";
        var body = $$"""{"messages":[{"role":"user","content":{{parts}}}]}""";

        var (status, text, _) = await host.PostTextAsync("/v1/chat/completions", body);
        var other = await echo.PostTextAsync("/v1/chat/completions", body);

        Assert.True(status == (passes ? 200 : 400), text);
        if (passes) Same(parts, Assert.Single(server.Requests).Messages[0]["content"]);
        else Assert.Empty(server.Requests);
        Assert.True(other.Status == 400 && other.Text.Contains("\"param\":\"messages[0].content[1].image_url.url\"", StringComparison.Ordinal), other.Text);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task They_pass_now_and_from_a_history(string store)
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup(store);
        var session = ("PluginHost-Session", "film");
        await using (var host = await OutcomeHost.StartAsync(setup, server))
            Assert.Equal(200, (await host.PostTextAsync("/v1/chat/completions", $$"""{"messages":[{"role":"user","content":{{Parts}}}]}""", session)).Status);
        await using var again = await OutcomeHost.StartAsync(setup, server);
        Assert.Equal(200, (await again.PostTextAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"And then?"}]}""", session)).Status);

        Assert.All(server.Requests, r => Same(Parts, r.Messages[0]["content"]));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task Results_of_the_callers_tools_may_have_them(string store)
    {
        const string Result = """
            [{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"ms://file-1"}},{"type":"video_url","video_url":{"url":"https://example.com/a.mp4"}}]
            """;
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup(store);
        var session = ("PluginHost-Session", "film");
        await using (var host = await OutcomeHost.StartAsync(setup, server))
        {
            var (status, text, _) = await host.PostTextAsync("/v1/chat/completions", Looked(Result), session);
            Assert.True(status == 200, text);
        }

        await using var again = await OutcomeHost.StartAsync(setup, server);
        Assert.Equal(200, (await again.PostTextAsync("/v1/chat/completions", """{"messages":[{"role":"user","content":"And then?"}]}""", session)).Status);

        Assert.Equal(2, server.Requests.Count);
        Assert.All(server.Requests, r => Same(Result, r.Messages.Single(m => (string?)m["role"] == "tool")["content"]));
    }

    [Fact]
    public async Task An_image_in_a_result_has_the_form_of_the_models_interface()
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup("sqlite") { Model = """ "Api": "Responses" """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        await host.AskAsync("/v1/chat/completions", Looked("""[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]"""));
        var (status, text, _) = await host.PostTextAsync("/v1/chat/completions", Looked("""[{"type":"text","text":"see"},{"type":"video_url","video_url":{}}]"""));

        Same(
            """[{"type":"input_text","text":"see"},{"type":"input_image","image_url":"https://example.com/a.png","detail":"auto"}]""",
            Assert.Single(server.Requests).Input.Single(i => (string?)i["type"] == "function_call_output")["output"]);
        Assert.True(status == 400 && text.Contains("messages[2].content[1].type", StringComparison.Ordinal), text);
    }

    private static string Looked(string result) => $$$"""
        {"messages":[{"role":"user","content":"Look."},
        {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"look","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"c","content":{{{result}}}}]}
        """;

    [Theory]
    [InlineData(""" "Api": "Responses" """, false)]
    [InlineData("", true)]
    public async Task Another_model_refuses_them_with_their_paths(string model, bool isEcho)
    {
        await using var server = await WireServer.StartAsync(new Plain());
        using var setup = new OutcomeSetup("sqlite") { Model = model, Echo = isEcho };
        await using var host = await OutcomeHost.StartAsync(setup, server);

        var (status, text, _) = await host.PostTextAsync("/v1/chat/completions", $$"""{"messages":[{"role":"user","content":{{Parts}}}]}""");

        Assert.Equal(400, status);
        var message = (string)JsonNode.Parse(text)!["error"]!["message"]!;
        Assert.All(["content[1].type: ", "content[2].file.file_data: ", "content[3].file.file_data: ", "content[4].type: "], path => Assert.Contains(path, message, StringComparison.Ordinal));
        Assert.Empty(server.Requests);
    }
}
