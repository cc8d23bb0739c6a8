using System.Text.Json.Nodes;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.Outcomes;

/// <summary>A request that is sent in the same millisecond as the end of a run.</summary>
[Trait("Form", "Long")]
public sealed class FollowUpTests
{
    private const int Tries = 1000;

    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_run_that_is_sent_at_the_end_of_another_one_finds_it_a_thousand_times(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);

        await TryAsync(async i =>
        {
            // At the last piece of the text, when the run has not ended, and at its last event.
            using var events = await host.StreamAsync($"s{i}", "one");
            for (var last = i % 2 == 0 ? "run.completed" : "message.delta"; (await events.NextAsync()).Name != last;) ;
            Assert.Equal("Echo: two (2 earlier messages)", (await host.RunAsync($"s{i}", "two")).Run("text"));
        });
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_response_that_is_asked_for_at_the_end_of_another_one_finds_it_a_thousand_times(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);

        await TryAsync(async i =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = JsonContent.Create(new { model = "assistant", input = "one", stream = true }) };
            using var response = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            var completed = await StreamingTests.ReadAsync(response).FirstAsync(e => e.Name == "response.completed");
            var id = completed.Data.GetProperty("response").GetProperty("id").GetString();

            var next = await host.PostAsync("/v1/responses", new JsonObject { ["model"] = "assistant", ["input"] = "two", ["previous_response_id"] = id });
            Assert.True(next.Status == 200, $"{next.Json}");
            Assert.Equal("Echo: two (2 earlier messages)", next.Json.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString());
        });
    }

    /// <summary>A few at once, so that the ends of some fall together.</summary>
    private static Task TryAsync(Func<int, Task> attempt) =>
        Parallel.ForEachAsync(Enumerable.Range(0, Tries), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) => await attempt(i));
}
