using PluginHost.Tests.OpenAI;

namespace PluginHost.Tests.Outcomes;

/// <summary>Responses over WebSocket on the stores that ship.</summary>
public sealed class SocketTests
{
    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_chain_continues_over_a_restart_and_what_is_not_stored_leaves_nothing(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        string stored, unstored;
        await using (var host = await OutcomeHost.StartAsync(setup))
        {
            using var client = await SocketClient.OpenAsync(host.Http.BaseAddress!.ToString().TrimEnd('/'));
            stored = (await client.RespondAsync("""{"input":"one"}""")).Id();
            unstored = (await client.RespondAsync($$"""{"input":"two","store":false,"previous_response_id":"{{stored}}"}""")).Id();
            await client.RespondAsync($$"""{"input":"three","store":false,"previous_response_id":"{{unstored}}"}""");
        }

        await using var next = await OutcomeHost.StartAsync(setup);
        using var again = await SocketClient.OpenAsync(next.Http.BaseAddress!.ToString().TrimEnd('/'));
        await again.CreateAsync($$"""{"input":"two","previous_response_id":"{{unstored}}"}""");
        await again.RefusedAsync(400, "previous_response_not_found", "previous_response_id");
        var two = await again.RespondAsync($$"""{"input":"two","previous_response_id":"{{stored}}"}""");

        Assert.Equal(["user: two"], (await next.GetAsync($"/v1/responses/{two.Id()}/input_items")).Json.Described());
        var session = (await next.GetAsync("/v1/sessions")).Json.GetProperty("data").EnumerateArray().Single();
        Assert.Equal(["user: one", "assistant: Echo: one (0 earlier messages)", "user: two", "assistant: Echo: two (2 earlier messages)"], await next.StoredAsync(session.Id()));
    }
}
