using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using PluginHost.ModelServer;

namespace PluginHost.Tests.Outcomes;

public sealed class IdempotencyTests
{
    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_repeated_request_gets_the_stored_run_also_streamed_and_after_a_restart(string store)
    {
        using var setup = new OutcomeSetup(store);
        await using var model = await FakeModel.StartAsync();
        Answer first;
        await using (var host = await OutcomeHost.StartAsync(setup, model))
        {
            first = await host.RunAsync("s", "hi", key: "k");
            var again = await host.RunAsync("s", "hi", key: "\"k\"");

            Assert.Equal((first.Run("id"), false, true), (again.Run("id"), first.Replayed, again.Replayed));
        }

        await using var restarted = await OutcomeHost.StartAsync(setup, model);
        var late = await restarted.RunAsync("s", "hi", key: "k");

        Assert.Equal((first.Run("id"), "Hello there", true), (late.Run("id"), late.Run("text"), late.Replayed));
        Assert.Equal(["user: hi", "assistant: Hello there"], await restarted.StoredAsync("s"));
        Assert.Single(model.Requests);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_streamed_request_is_replayed_with_its_text(string store)
    {
        using var setup = new OutcomeSetup(store);
        await using var model = await FakeModel.StartAsync();
        string[] expected = ["1 run.started", "2 message.delta", "3 message.delta", "4 run.completed"];
        await using (var host = await OutcomeHost.StartAsync(setup, model))
        {
            using var first = await host.StreamAsync("s", "hi", "k");
            Assert.Equal(expected, await NamesAsync(first));
            using var again = await host.StreamAsync("s", "hi", "k");
            Assert.Equal((false, true), (first.IsReplayed, again.IsReplayed));
            Assert.Equal(expected, await NamesAsync(again));
        }

        await using var restarted = await OutcomeHost.StartAsync(setup, model);
        using var late = await restarted.StreamAsync("s", "hi", "k");
        Assert.Equal(expected, await NamesAsync(late));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_repeated_request_joins_the_run_in_flight_and_keeps_it_alive(string store)
    {
        using var setup = new OutcomeSetup(store) { Sessions = "\"OnDisconnect\": \"cancel\"" };
        var hold = new Hold();
        await using var model = await FakeModel.StartAsync(new ModelReply { AfterFirstPiece = hold });
        await using var host = await OutcomeHost.StartAsync(setup, model);
        var first = await host.StreamAsync("s", "hi", "k");
        var run = (await first.NextAsync()).Data.GetProperty("id").GetString();
        await hold.Reached;
        using var second = await host.StreamAsync("s", "hi", "k");
        Assert.True(second.IsReplayed);

        first.Dispose();
        hold.Release();

        var last = (await second.RestAsync())[^1];
        Assert.Equal(("run.completed", run), (last.Name, last.Data.GetProperty("id").GetString()));
        Assert.Single(model.Requests);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_key_is_refused_for_another_request_and_a_failed_run_is_run_anew_and_stored_once(string store)
    {
        using var setup = new OutcomeSetup(store);
        await using var model = await FakeModel.StartAsync(new ModelReply { Status = 400, Error = "no" });
        await using var host = await OutcomeHost.StartAsync(setup, model);

        var failed = await host.RunAsync("s", "hi", key: "k");
        (await host.RunAsync("s", "ho", key: "k")).IsProblem(422, "idempotency-key-reused");
        (await host.RunAsync("other", "hi", key: "k")).IsProblem(422, "idempotency-key-reused");
        var retried = await host.RunAsync("s", "hi", key: "k");

        Assert.Equal((failed.Run("run_id", 502), false), (retried.Run("id"), retried.Replayed));
        Assert.Equal(["user: hi", "assistant: Hello there"], await host.StoredAsync("s", includeFailed: true));
        (await host.GetAsync("/v1/sessions/other")).IsProblem(404, "session-not-found");
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_key_expires_and_then_begins_a_new_run(string store)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var setup = new OutcomeSetup(store) { Time = time, Sessions = "\"IdempotencyKeyLifetime\": \"1h\"", Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);
        var body = new JsonObject { ["input"] = "hi" };
        var first = await host.PostAsync("/v1/runs", body, "k");
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.True((await host.PostAsync("/v1/runs", body, "k")).Replayed);

        time.Advance(TimeSpan.FromMinutes(2));
        var second = await host.PostAsync("/v1/runs", body, "k");
        var again = await host.PostAsync("/v1/runs", body, "k");
        time.Advance(TimeSpan.FromMinutes(61));
        var third = await host.PostAsync("/v1/runs", new JsonObject { ["input"] = "something else" }, "k");

        Assert.Equal((false, true, false), (second.Replayed, again.Replayed, third.Replayed));
        Assert.Equal(second.Run("id"), again.Run("id"));
        Assert.Equal(3, new[] { first, second, third }.Select(r => r.Run("session_id")).Distinct().Count());
        Assert.Equal(["user: hi", "assistant: Echo: hi (0 earlier messages)"], await host.StoredAsync(first.Run("session_id")));
        Assert.Equal(["user: hi", "assistant: Echo: hi (0 earlier messages)"], await host.StoredAsync(second.Run("session_id")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("two words")]
    [InlineData("ü")]
    [InlineData("256")]
    public async Task A_key_that_is_none_is_refused_by_name(string key)
    {
        using var setup = new OutcomeSetup("sqlite") { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/runs")
        {
            Content = new StringContent("""{"input":"hi"}""", System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key == "256" ? new string('k', 256) : key);
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 });
        request.RequestUri = new Uri(host.Http.BaseAddress!, request.RequestUri!);

        using var response = await client.SendAsync(request);
        var answer = await Answer.OfAsync(response);

        answer.IsProblem(400, "invalid-request");
        Assert.Equal("Idempotency-Key", answer.Json.GetProperty("errors")[0].GetProperty("path").GetString());
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(EventReader events) =>
        [.. (await events.RestAsync()).Select(e => $"{e.Id} {e.Name}")];
}
