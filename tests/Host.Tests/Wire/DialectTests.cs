using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Outcomes;
using static PluginHost.Tests.Wire.WireCalls;

namespace PluginHost.Tests.Wire;

/// <summary>
/// Between caller and model nothing changes: servers that insist on what they said get it back in every turn, streamed or not, from a
/// tool loop of a plugin and from the caller's own, on both stores and over a restart.
/// </summary>
public sealed class DialectTests
{
    public static TheoryData<string, string, bool> Cases => ToolDialects("sqlite", "files");

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_plugins_tool_loop_gives_each_server_back_what_it_said(string dialect, string store, bool streamed)
    {
        var model = (ToolDialect)Dialect(dialect);
        await using var server = await WireServer.StartAsync(model);
        using var setup = new OutcomeSetup(store) { Behind = Memory };
        await using (var host = await OutcomeHost.StartAsync(setup, server))
        {
            await host.RunAsync("s", "one", streamed);
            await host.RunAsync("s", "two", streamed);
            await host.StopAsync();
        }

        await using var again = await OutcomeHost.StartAsync(setup, server);
        await again.RunAsync("s", "three", streamed);

        Assert.Equal(6, server.Requests.Count);
        for (var i = 1; i < 6; i++) server.Requests[i].Continues(server.Requests[i - 1]);
        foreach (var call in server.Requests[^1].Messages.SelectMany(m => m["tool_calls"]?.AsArray() ?? []))
            Assert.Equal(ToolDialect.Arguments, (string?)call!["function"]!["arguments"]);
        // A result is the same text whenever it is sent.
        Assert.DoesNotContain(server.Requests[^1].Messages, m => (string?)m["role"] == "tool" && ((string)m["content"]!).StartsWith('"'));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_callers_tool_loop_gives_each_server_back_what_it_said(string dialect, string store, bool streamed)
    {
        var model = (ToolDialect)Dialect(dialect);
        await using var server = await WireServer.StartAsync(model);
        using var setup = new OutcomeSetup(store);
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var transcript = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "one" });

        var answer = await host.ChatAsync(transcript, streamed);
        transcript.Add(answer.DeepClone());
        foreach (var call in answer["tool_calls"]!.AsArray()) transcript.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string)call!["id"]!, ["content"] = "sunny, 21 C" });
        transcript.Add((await host.ChatAsync(transcript, streamed)).DeepClone());

        Assert.Equal(2, server.Requests.Count);
        var sent = server.Requests[1].Messages;
        Assert.Equal("sunny, 21 C", (string?)sent[2]["content"]);
        foreach (var (call, index) in sent[1]["tool_calls"]!.AsArray().Select((c, i) => (c, i)))
            Assert.True(JsonNode.DeepEquals(model.Said[0]["tool_calls"]![index], call), call!.ToJsonString());
    }
}
