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
