using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;
using PluginHost.Tests.Wire;

namespace PluginHost.Tests.Outcomes;

/// <summary>The plugin compaction in a host: who writes its summaries, and what a deletion does to them.</summary>
public sealed class CompactedSessionTests
{
    private const string Note = "Summary of the earlier part of this conversation", Asks = "You summarise the earlier part";
    private const string Compaction =
        """{ "Plugin": "compaction", "Options": { "MaxTokens": 400, "KeepMessages": 2, "Strategies": ["Summarise"], "Model": "small" } }""";

    [Fact]
    public async Task Another_model_writes_the_summary_and_deleting_an_item_inside_it_makes_it_anew()
    {
        using var setup = new OutcomeSetup("sqlite") { Behind = Compaction };
        await using var host = await OutcomeHost.StartAsync(setup);
        var conversation = (string)(await host.AskAsync("/v1/conversations", "{}"))["id"]!;
        for (var turn = 0; turn < 6; turn++) await host.RunAsync(conversation, $"turn {turn} {new string('x', 400)}");
        await UntilSummarisedAsync(host, conversation);
        Assert.All(Summaries(host), body => Assert.Equal("small", (string?)body["model"]));
        var first = (await host.GetAsync($"/v1/conversations/{conversation}/items?order=asc&limit=1")).Json.GetProperty("first_id").GetString();

        Assert.Equal(200, (await host.SendAsync(HttpMethod.Delete, $"/v1/conversations/{conversation}/items/{first}")).Status);
        var (before, written) = (host.Model.Requests.Count, Summaries(host).Count);
        await host.RunAsync(conversation, "next");

        var next = host.Model.Requests.Skip(before).Select(r => r.Body.ToJsonString()).First(b => b.Contains("\"next\"", StringComparison.Ordinal));
        Assert.DoesNotContain(Note, next, StringComparison.Ordinal);
        await UntilSummarisedAsync(host, conversation);
        Assert.All(Summaries(host).Skip(written), body => Assert.DoesNotContain("turn 0", body.ToJsonString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_caller_compacted_stays_when_the_plugin_leaves_older_messages_out()
    {
        const string Truncating = """{ "Plugin": "compaction", "Options": { "MaxTokens": 400, "KeepMessages": 1, "Strategies": ["Truncate"] } }""";
        await using var server = await WireServer.StartAsync(new Summarising());
        using var setup = new OutcomeSetup("sqlite") { Behind = Truncating };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        var response = await host.AskAsync("/v1/responses", """{"input":"one"}""");
        response = await host.AskAsync("/v1/responses", $$"""{"input":[{"type":"compaction_trigger"}],"previous_response_id":"{{response["id"]}}"}""");

        for (var turn = 0; turn < 5; turn++)
            response = await host.AskAsync("/v1/responses", $$"""{"input":"turn {{turn}} {{new string('x', 800)}}","previous_response_id":"{{response["id"]}}"}""");

        var sent = server.Requests[^1].Text;
        Assert.Contains("summary 1", sent, StringComparison.Ordinal);
        Assert.Contains("turn 4 ", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("turn 0 ", sent, StringComparison.Ordinal);
    }

    private static List<JsonNode> Summaries(OutcomeHost host) =>
        [.. host.Model.Requests.Select(r => (JsonNode)r.Body).Where(b => b.ToJsonString().Contains(Asks, StringComparison.Ordinal))];

    private static async Task UntilSummarisedAsync(OutcomeHost host, string session)
    {
        for (var turn = 0; turn < 50; turn++)
        {
            await host.RunAsync(session, $"more {turn} {new string('y', 200)}");
            if (host.Model.Requests.Any(r => r.Body.ToJsonString() is var body && body.Contains(Note, StringComparison.Ordinal) && body.Contains($"more {turn} ", StringComparison.Ordinal))) return;
        }

        Assert.Fail("No run got a summary.");
    }
}
