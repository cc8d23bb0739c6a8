using System.Text;
using System.Text.Json;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.ModelClients.Echo;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.Access.Cost;

/// <summary>What a request costs grows with its body and no faster, at every endpoint that is mapped.</summary>
[Collection(MeasuringCollection.Name)]
public sealed class LinearCostTests
{
    private const int Small = 128 * 1024;

    [Fact]
    [Trait("Form", "Long")]
    public async Task A_body_of_double_size_allocates_about_double_at_every_endpoint_and_its_answer_stays_in_proportion()
    {
        await using var host = await ApiHost.StartAsync(new EchoChatClient(new EchoOptions(), TimeProvider.System));
        var item = await StoredItemAsync(host);
        var wrong = new List<string>();
        foreach (var endpoint in host.Endpoints.Where(e => !e.StartsWith("GET ", StringComparison.Ordinal)))
        {
            foreach (var (name, body) in HostileBodies.For(endpoint, item))
            {
                if (await CompareAsync(host, endpoint, body) is { } found) wrong.Add($"{endpoint}, {name}: {found}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("POST /v1/responses/input_tokens", "blanks")]
    [InlineData("POST /v1/responses/input_tokens", "one word")]
    [InlineData("POST /v1/sessions/{id}/runs", "a long name over many objects")]
    [InlineData("POST /v1/sessions/{id}/runs", "calls and their results")]
    [InlineData("POST /v1/sessions/{id}/runs", "calls and other results")]
    [InlineData("POST /v1/sessions/{id}/runs", "calls without results")]
    [InlineData("PATCH /v1/sessions/{id}", "state that goes")]
    public async Task A_large_body_is_answered_in_seconds_where_its_square_would_take_minutes(string endpoint, string shape)
    {
        await using var host = await ApiHost.StartAsync(new EchoChatClient(new EchoOptions(), TimeProvider.System));
        var body = HostileBodies.For(endpoint, "").Single(b => b.Name == shape).Body(3_500_000);
        await MeasureAsync(host, endpoint, body).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task References_to_one_large_answer_do_not_make_a_short_request_a_large_one()
    {
        await using var host = await ApiHost.StartAsync(new EchoChatClient(new EchoOptions(), TimeProvider.System));
        var item = await StoredItemAsync(host, new string('x', 500_000));
        var body = HostileBodies.For("POST /v1/responses/input_tokens", item).Single(b => b.Name == "references to one item").Body(70_000);
        var (allocated, _) = await MeasureAsync(host, "POST /v1/responses/input_tokens", body);
        Assert.InRange(allocated, 0, 32 * 1024 * 1024);
    }

    [Fact]
    public async Task Counting_ends_when_the_caller_has_gone()
    {
        using var gone = new CancellationTokenSource();
        var counter = new TokenCounter(TextEncoding.O200k, gone.Token);
        counter.Add("Hello there.");
        Assert.Equal(3, counter.Count);
        await gone.CancelAsync();
        Assert.Throws<OperationCanceledException>(() => counter.Add("Hello again."));
    }

    /// <summary>What is wrong with the cost of a body and one of double size; null when it is in proportion.</summary>
    private static async Task<string?> CompareAsync(ApiHost host, string endpoint, Func<int, string> body)
    {
        // Pools of buffers are filled by the first request and emptied by the garbage collector at any time: the best of some counts.
        var found = "";
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var (small, _) = await MeasureAsync(host, endpoint, body(Small));
            var (large, answer) = await MeasureAsync(host, endpoint, body(2 * Small));
            if (large < 2.6 * small + 1024 * 1024 && answer < 4 * 2 * Small) return null;
            found = $"{small:N0} and {large:N0} bytes allocated, {answer:N0} answered";
        }

        return found;
    }

    /// <summary>Sends a body, on a new session where the path names one.</summary>
    /// <returns>The bytes that the process allocated, and the length of the answer.</returns>
    private static async Task<(long Allocated, int Answer)> MeasureAsync(ApiHost host, string endpoint, string body)
    {
        var id = $"s{Guid.NewGuid():N}";
        await host.PostAsync("/v1/sessions", HostileBodies.StateOf(10_000, "1").Insert(1, $"\"id\":\"{id}\","));
        var (method, path) = endpoint.Split(' ') is [var first, var second] ? (first, second) : throw new ArgumentException(endpoint);
        path = path.Replace("{id}", id, StringComparison.Ordinal).Replace("{run}", "run_x", StringComparison.Ordinal).Replace("{item}", "msg_x", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new("application/json");
        var before = GC.GetTotalAllocatedBytes(precise: true);
        using var response = await host.Http.SendAsync(request);
        var answer = await response.Content.ReadAsByteArrayAsync();
        return (GC.GetTotalAllocatedBytes(precise: true) - before, answer.Length);
    }

    private static async Task<string> StoredItemAsync(ApiHost host, string text = "hi")
    {
        using var response = await host.PostAsync("/v1/responses", $$"""{"model":"assistant","input":"{{text}}"}""");
        var body = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync());
        return body.GetProperty("output")[0].GetProperty("id").GetString()!;
    }
}
