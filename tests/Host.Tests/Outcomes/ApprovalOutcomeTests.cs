using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;

namespace PluginHost.Tests.Outcomes;

/// <summary>Approvals over restarts, on the stores that ship.</summary>
public sealed class ApprovalOutcomeTests
{
    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Fact]
    public async Task A_misspelled_name_in_Approve_is_in_the_log_with_the_tools_that_there_are()
    {
        using var setup = new OutcomeSetup("files") { Behind = """{ "Plugin": "memory", "Host": { "Approve": ["remeber", "forget"] } }""" };
        await using var host = await OutcomeHost.StartAsync(setup);

        await host.RunAsync("s", "hi");
        await host.RunAsync("s", "and again");

        Assert.Single(host.Log.Of("Approve of 'memory' names remeber, which no tool of the plugin has in this run. Its tools: remember, forget."));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_call_that_waits_over_restarts_is_made_once_when_it_is_approved(string store)
    {
        using var setup = new OutcomeSetup(store) { Behind = """{ "Plugin": "memory", "Host": { "Approve": ["remember"] } }""" };
        await using var model = await FakeModel.StartAsync();
        model.Enqueue(new ModelReply { Text = [], ToolCalls = [new ModelToolCall("c1", "remember", """{"fact":"The cat is black."}""")] });
        model.Enqueue(new ModelReply { Text = ["Noted."] });
        string run;
        await using (var first = await OutcomeHost.StartAsync(setup, model)) run = (await first.RunAsync("s", "hi")).Run("id");

        JsonElement decided;
        await using (var second = await OutcomeHost.StartAsync(setup, model))
        {
            (await second.RunAsync("s", "more")).IsProblem(409, "approval-pending");
            var asked = Assert.Single((await second.GetAsync("/v1/approvals")).Json.GetProperty("data").EnumerateArray());
            Assert.Equal((run, """{"fact":"The cat is black."}"""), (asked.GetProperty("run_id").GetString(), asked.GetProperty("arguments").GetRawText()));
            var path = $"/v1/approvals/{asked.GetProperty("id").GetString()}";
            (await second.PostAsync(path, JsonNode.Parse("""{"approve":true,"arguments":{"fact":"The cat is white."}}"""))).IsProblem(409, "approval-mismatch");
            decided = (await second.PostAsync(path, JsonNode.Parse("""{"approve":true}"""))).Json;
            (await second.PostAsync(path, JsonNode.Parse("""{"approve":true}"""))).IsProblem(409, "approval-decided");
            Assert.Equal("completed", (await second.EndOfAsync("s", run)).GetProperty("status").GetString());
        }

        await using var third = await OutcomeHost.StartAsync(setup, model);
        Assert.Equal("approved", decided.GetProperty("status").GetString());
        Assert.Equal(2, model.Requests.Count);
        Assert.Equal("Noted.", (await third.GetAsync($"/v1/sessions/s/runs/{run}")).Run("text"));
        Assert.Equal(decided.ToString(), (await third.GetAsync($"/v1/approvals/{decided.GetProperty("id").GetString()}")).Json.ToString());
        Assert.Contains("The cat is black.", (await third.GetAsync("/v1/sessions/s")).Json.ToString(), StringComparison.Ordinal);
    }
}
