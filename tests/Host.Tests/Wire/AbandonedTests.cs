using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.Tests.OpenAI;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Wire;

/// <summary>Callers who leave, and callers who come back late.</summary>
public sealed class AbandonedTests
{
    [Theory]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}]}""")]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}],"stream":true}""")]
    [InlineData("/v1/responses", """{"input":"hi","store":false}""")]
    public async Task A_completion_that_stores_nothing_ends_with_its_caller(string path, string body)
    {
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup);
        var hold = new Hold();
        host.Model.Enqueue(new ModelReply { BeforeAnswer = hold });
        using var leave = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };

        var asking = host.Http.SendAsync(request, leave.Token);
        await hold.Reached;
        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await hold.Abandoned;
    }

    [Fact]
    public async Task The_input_of_a_response_in_progress_is_listed_with_the_ids_that_it_keeps()
    {
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup);
        var hold = new Hold();
        host.Model.Enqueue(new ModelReply { BeforeAnswer = hold });

        var created = await host.AskAsync("/v1/responses", """{"input":[{"role":"user","content":"one"},{"role":"user","content":"two"}],"background":true}""");
        await hold.Reached;
        var during = await host.Http.GetStringAsync($"/v1/responses/{created["id"]}/input_items?order=asc");
        hold.Release();
        await host.Http.GetStringAsync($"/v1/responses/{created["id"]}?stream=true");
        var behind = await host.Http.GetStringAsync($"/v1/responses/{created["id"]}/input_items?order=asc");

        Assert.Equal(["one", "two"], JsonNode.Parse(during)!["data"]!.AsArray().Select(i => (string?)i!["content"]![0]!["text"]));
        Assert.Equal(behind, during);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task A_response_is_streamed_from_its_record_after_a_restart(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        JsonNode created;
        await using (var host = await OutcomeHost.StartAsync(setup))
        {
            created = await host.AskAsync("/v1/responses", """{"input":"hi there"}""");
            await host.StopAsync();
        }

        await using var again = await OutcomeHost.StartAsync(setup);
        var whole = ResponsesClient.EventsIn(await again.Http.GetStringAsync($"/v1/responses/{created["id"]}?stream=true"));
        var rest = ResponsesClient.EventsIn(await again.Http.GetStringAsync($"/v1/responses/{created["id"]}?stream=true&starting_after=2"), first: 3);
        var late = ResponsesClient.EventsIn(await again.Http.GetStringAsync($"/v1/responses/{created["id"]}?stream=true&starting_after=9"), first: 10);

        Assert.Equal(
            [
                "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added", "response.output_text.delta",
                "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed",
            ],
            whole.Types());
        Assert.Equal(whole.Skip(3).Types(), rest.Types());
        Assert.Equal(["response.completed"], late.Types());
        Assert.True(JsonNode.DeepEquals(created, JsonNode.Parse(whole[^1].GetProperty("response").GetRawText())));
    }
}
