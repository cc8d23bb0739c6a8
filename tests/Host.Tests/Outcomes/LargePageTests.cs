using System.Text.Json.Nodes;

namespace PluginHost.Tests.Outcomes;

/// <summary>Pages of large messages end early, and the cursor leads to the rest. On every store that ships.</summary>
public sealed class LargePageTests
{
    private const int Messages = 9;

    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Pages_of_messages_runs_and_items_are_bounded_in_bytes_and_lose_nothing(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);
        for (var i = 0; i < Messages; i++) Assert.Equal(200, (await host.RunAsync("s", Large((char)('0' + i)))).Status);

        foreach (var order in new[] { "asc", "desc" })
        {
            Assert.Equal(2 * Messages, await CountAsync(host, "/v1/sessions/s/messages", order));
            Assert.Equal(Messages, await CountAsync(host, "/v1/sessions/s/runs", order));
            Assert.Equal(2 * Messages, await CountAsync(host, "/v1/conversations/s/items", order));
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task The_input_items_of_a_response_are_bounded_too(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);
        var input = new JsonArray([.. Enumerable.Range(0, 9).Select(i => new JsonObject { ["role"] = "user", ["content"] = new string((char)('0' + i), 700_000) })]);
        var body = new JsonObject { ["model"] = "assistant", ["input"] = input };
        var response = await host.PostAsync("/v1/responses", body);
        Assert.Equal(200, response.Status);

        Assert.Equal(9, await CountAsync(host, $"/v1/responses/{response.Json.GetProperty("id").GetString()}/input_items", "asc"));
    }

    /// <summary>Follows the cursor to the end.</summary>
    /// <returns>The number of different items.</returns>
    private static async Task<int> CountAsync(OutcomeHost host, string path, string order)
    {
        var (ids, after, pages) = (new List<string>(), "", 0);
        while (true)
        {
            var page = await host.GetAsync($"{path}?limit=100&order={order}{after}");
            Assert.Equal(200, page.Status);
            // The text of a run is there twice.
            Assert.InRange(page.Json.GetRawText().Length, 1, 14 * 1024 * 1024);
            var data = page.Json.GetProperty("data").EnumerateArray().Select(d => d.GetProperty("id").GetString()!).ToList();
            Assert.NotEmpty(data);
            ids.AddRange(data);
            pages++;
            if (!page.Json.GetProperty("has_more").GetBoolean()) break;
            after = $"&after={data[^1]}";
        }

        Assert.InRange(pages, 2, 10);
        Assert.Distinct(ids);
        return ids.Count;
    }

    private static string Large(char text) => new(text, 1_000_000);
}
