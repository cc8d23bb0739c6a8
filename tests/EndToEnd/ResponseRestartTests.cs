using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd;

/// <summary>OpenAI's interface on real stores: restarting the host between any two requests changes nothing.</summary>
public sealed class ResponseRestartTests
{
    private static readonly JsonObject Empty = [];

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task Responses_and_conversations_go_on_after_every_restart(string store)
    {
        using var folder = Configurations.FolderFor(store);
        var first = await OnceAsync(folder, api => api.PostAsync("/v1/responses", Ask("one")));
        var same = await OnceAsync(folder, api => api.GetAsync($"/v1/responses/{first["id"]}"));
        var second = await OnceAsync(folder, api => api.PostAsync("/v1/responses", Ask("two", ("previous_response_id", first["id"]!))));
        var branch = await OnceAsync(folder, api => api.PostAsync("/v1/responses", Ask("other", ("previous_response_id", first["id"]!))));
        var conversation = await OnceAsync(folder, api => api.PostAsync("/v1/conversations", Empty.DeepClone()));
        var said = await OnceAsync(folder, api => api.PostAsync("/v1/responses", Ask("hi", ("conversation", conversation["id"]!))));
        var aside = await OnceAsync(folder, api => api.PostAsync("/v1/responses", Ask("aside", ("previous_response_id", said["id"]!))));
        var items = await OnceAsync(folder, api => api.GetAsync($"/v1/conversations/{conversation["id"]}/items"));
        await OnceAsync(folder, async api =>
        {
            using var deleted = await api.Http.DeleteAsync(new Uri($"/v1/responses/{second["id"]}", UriKind.Relative));
            Assert.True(deleted.IsSuccessStatusCode);
            return Empty;
        });
        var again = await OnceAsync(folder, api => api.PostAsync("/v1/responses", Ask("again", ("previous_response_id", first["id"]!))));
        var stream = await OnceAsync(folder, async api => (JsonNode)await api.Http.GetStringAsync(new Uri($"/v1/responses/{again["id"]}?stream=true&starting_after=4", UriKind.Relative)));

        Assert.Equal(first.ToJsonString(), same.ToJsonString());
        Assert.Equal(
            ["Echo: one (0 earlier messages)", "Echo: two (2 earlier messages)", "Echo: other (2 earlier messages)", "Echo: hi (0 earlier messages)", "Echo: aside (2 earlier messages)", "Echo: again (2 earlier messages)"],
            new[] { first, second, branch, said, aside, again }.Select(TextOf));
        Assert.Equal(said["output"]![0]!.ToJsonString(), items["data"]![0]!.ToJsonString());
        Assert.Equal(2, items["data"]!.AsArray().Count);
        Assert.StartsWith("event: response.completed\ndata: {", stream.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("\"sequence_number\":5", stream.GetValue<string>(), StringComparison.Ordinal);
    }

    private static async Task<JsonNode> OnceAsync(WorkFolder folder, Func<ApiClient, Task<JsonNode>> call)
    {
        await using var host = await RunningHost.StartAsync(folder);
        var answer = await call(host.Api);
        await host.StopAsync();
        return answer;
    }

    private static JsonObject Ask(string input, params IEnumerable<(string Name, JsonNode Value)> more)
    {
        var request = new JsonObject { ["model"] = "assistant", ["input"] = input };
        foreach (var (name, value) in more) request[name] = value.DeepClone();
        return request;
    }

    private static string TextOf(JsonNode response) => (string)response["output"]![0]!["content"]![0]!["text"]!;
}
