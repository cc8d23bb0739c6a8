using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd;

/// <summary>The OpenAI API on persistent stores: a restart of the host between two requests changes nothing.</summary>
[Trait("Form", "Long")]
public sealed class ResponseRestartTests
{
    private static readonly JsonObject Empty = [];

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task Responses_and_conversations_continue_after_a_restart_between_any_two_requests(string store)
    {
        using var folder = Configurations.CreateFolder(store);
        var first = await CallNewHostAsync(folder, api => api.PostAsync("/v1/responses", CreateRequest("one")));
        var same = await CallNewHostAsync(folder, api => api.GetAsync($"/v1/responses/{first["id"]}"));
        var second = await CallNewHostAsync(folder, api => api.PostAsync("/v1/responses", CreateRequest("two", ("previous_response_id", first["id"]!))));
        var branch = await CallNewHostAsync(folder, api => api.PostAsync("/v1/responses", CreateRequest("other", ("previous_response_id", first["id"]!))));
        var conversation = await CallNewHostAsync(folder, api => api.PostAsync("/v1/conversations", Empty.DeepClone()));
        var inConversation = await CallNewHostAsync(folder, api => api.PostAsync("/v1/responses", CreateRequest("hi", ("conversation", conversation["id"]!))));
        var aside = await CallNewHostAsync(folder, api => api.PostAsync("/v1/responses", CreateRequest("aside", ("previous_response_id", inConversation["id"]!))));
        var items = await CallNewHostAsync(folder, api => api.GetAsync($"/v1/conversations/{conversation["id"]}/items"));
        await CallNewHostAsync(folder, async api =>
        {
            using var deleted = await api.Http.DeleteAsync(new Uri($"/v1/responses/{second["id"]}", UriKind.Relative));
            Assert.True(deleted.IsSuccessStatusCode);
            return Empty;
        });
        var again = await CallNewHostAsync(folder, api => api.PostAsync("/v1/responses", CreateRequest("again", ("previous_response_id", first["id"]!))));
        var stream = await CallNewHostAsync(folder, async api => (JsonNode)await api.Http.GetStringAsync(new Uri($"/v1/responses/{again["id"]}?stream=true&starting_after=4", UriKind.Relative)));

        Assert.Equal(first.ToJsonString(), same.ToJsonString());
        Assert.Equal(
            ["Echo: one (0 earlier messages)", "Echo: two (2 earlier messages)", "Echo: other (2 earlier messages)", "Echo: hi (0 earlier messages)", "Echo: aside (2 earlier messages)", "Echo: again (2 earlier messages)"],
            new[] { first, second, branch, inConversation, aside, again }.Select(GetText));
        Assert.Equal(inConversation["output"]![0]!.ToJsonString(), items["data"]![0]!.ToJsonString());
        Assert.Equal(2, items["data"]!.AsArray().Count);
        Assert.StartsWith("event: response.completed\ndata: {", stream.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("\"sequence_number\":5", stream.GetValue<string>(), StringComparison.Ordinal);
    }

    private static async Task<JsonNode> CallNewHostAsync(WorkFolder folder, Func<ApiClient, Task<JsonNode>> call)
    {
        await using var host = await RunningHost.StartAsync(folder);
        var answer = await call(host.Api);
        await host.StopAsync();
        return answer;
    }

    private static JsonObject CreateRequest(string input, params IEnumerable<(string Name, JsonNode Value)> more)
    {
        var request = new JsonObject { ["model"] = "assistant", ["input"] = input };
        foreach (var (name, value) in more) request[name] = value.DeepClone();
        return request;
    }

    private static string GetText(JsonNode response) => (string)response["output"]![0]!["content"]![0]!["text"]!;
}
