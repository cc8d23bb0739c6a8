using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.EndToEnd.ManyHosts;

/// <summary>Several hosts with one database: any host takes any request, and each session is one host's.</summary>
[Trait("Form", "Long")]
public sealed class ManyHostsTests
{
    private const string Words = "one two three four five six seven eight nine ten";

    [PostgresFact]
    public async Task Any_host_takes_the_requests_of_any_session()
    {
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "any_host");
        var (first, second) = (await group.StartAsync("first"), await group.StartAsync("second"));

        Assert.Equal("Echo: one (0 earlier messages)", await first.Api.AskAgentAsync("assistant", "ada", "one"));
        Assert.Equal("Echo: two (2 earlier messages)", await second.Api.AskAgentAsync("assistant", "ada", "two"));
        Assert.Equal("Echo: three (4 earlier messages)", await first.Api.AskAgentAsync("assistant", "ada", "three"));
        Assert.Equal(6, (await second.Api.ListMessagesAsync("ada")).Count);

        var hosts = (await second.Api.GetAsync("/v1/hosts"))["data"]!.AsArray();
        Assert.Equal(["first", "second"], hosts.Select(h => (string)h!["name"]!));
        Assert.All(hosts, h => Assert.Equal("live", (string)h!["lease"]!));
        Assert.Equal([false, true], hosts.Select(h => (bool)h!["answers"]!));

        using var patched = await second.Api.Http.PatchAsJsonAsync("/v1/sessions/ada", new { metadata = new { user = "ada" } });
        Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
        Assert.False(patched.Headers.Contains("PluginHost-Proof"));
        using (var handler = new SocketsHttpHandler { RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8 })
        using (var client = new HttpClient(handler) { BaseAddress = second.Api.Http.BaseAddress })
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("X-Title", "café");
            using var named = await client.PostAsJsonAsync("/v1/sessions/ada/runs", new { agent = "assistant", input = "four" });
            Assert.Equal(HttpStatusCode.OK, named.StatusCode);
        }

        Assert.DoesNotContain("Proxying to", second.Transcript, StringComparison.Ordinal);
        using var deleted = await second.Api.Http.DeleteAsync(new Uri("/v1/sessions/ada", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        using var gone = await first.Api.Http.GetAsync(new Uri("/v1/sessions/ada", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [PostgresFact]
    public async Task The_page_of_a_host_shows_all_of_them_and_which_one_is_gone()
    {
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "page");
        var (first, second) = (await group.StartAsync("first"), await group.StartAsync("second"));
        var page = await second.Api.Http.GetStringAsync(new Uri("/console", UriKind.Relative));
        Assert.Contains(">first</bdi>", page, StringComparison.Ordinal);
        Assert.Matches(">second</bdi>\\s*<span class=\"tag\">shows this page</span>", page);
        Assert.DoesNotMatch("</svg>\\s*over</span>", page);

        await first.KillAsync();

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!System.Text.RegularExpressions.Regex.IsMatch(page, "</svg>\\s*over</span>"))
            page = await second.Api.Http.GetStringAsync(new Uri("/console", UriKind.Relative), limit.Token);
        Assert.Contains("Others take its sessions over.", page, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_run_in_progress_is_followed_read_and_cancelled_through_another_host()
    {
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "followed");
        var (first, second) = (await group.StartAsync("first"), await group.StartAsync("second"));
        // Longer than the test.
        var run = (string)(await StartInBackgroundAsync(first, "ada", string.Join(' ', Enumerable.Repeat(Words, 20))))["id"]!;

        await using (var events = await second.Api.Http.GetStreamAsync(new Uri($"/v1/sessions/ada/runs/{run}/events", UriKind.Relative)))
        using (var reader = new StreamReader(events))
        {
            // It comes while the run is in progress, or the whole text would be here at once.
            var line = await ReadUntilAsync(reader, "three");
            Assert.DoesNotContain("ten", line, StringComparison.Ordinal);
            Assert.Equal("running", (string)(await second.Api.GetAsync($"/v1/sessions/ada/runs/{run}"))["status"]!);
        }

        var cancelled = await second.Api.PostAsync($"/v1/sessions/ada/runs/{run}/cancel");
        Assert.Equal("cancelled", (string)cancelled["status"]!);
        Assert.Equal("cancelled", (string)(await first.Api.GetAsync($"/v1/sessions/ada/runs/{run}"))["status"]!);
    }

    [PostgresFact]
    public async Task The_sessions_of_a_killed_host_are_taken_over_and_its_runs_continue_once()
    {
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "killed");
        var (first, second) = (await group.StartAsync("first"), await group.StartAsync("second"));
        await first.Api.AskAgentAsync("assistant", "bob", "one");
        var run = (string)(await StartInBackgroundAsync(first, "ada"))["id"]!;
        var unwanted = (string)(await StartInBackgroundAsync(first, "eve"))["id"]!;

        await first.KillAsync();
        var killed = Stopwatch.GetTimestamp();
        Assert.Equal("cancelled", (string)(await second.Api.PostAsync($"/v1/sessions/eve/runs/{unwanted}/cancel"))["status"]!);
        Assert.Equal("Echo: two (2 earlier messages)", await second.Api.AskAgentAsync("assistant", "bob", "two"));
        Assert.InRange(Stopwatch.GetElapsedTime(killed).TotalSeconds, 0, 10);

        await PostgresServer.WaitAsync(async () => (string)(await second.Api.GetAsync($"/v1/sessions/ada/runs/{run}"))["status"]! == "completed");
        Assert.Equal([Words, $"Echo: {Words} (0 earlier messages)"], (await second.Api.ListMessagesAsync("ada")).Select(m => m.Text));
    }

    [PostgresFact]
    public async Task A_host_that_stops_hands_its_sessions_over_at_once()
    {
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "stopped");
        var (first, second) = (await group.StartAsync("first"), await group.StartAsync("second"));
        await first.Api.AskAgentAsync("assistant", "ada", "one");
        await second.Api.AskAgentAsync("assistant", "warm", "one");

        await first.StopAsync();
        var stopped = Stopwatch.GetTimestamp();
        Assert.Equal("Echo: two (2 earlier messages)", await second.Api.AskAgentAsync("assistant", "ada", "two"));
        Assert.InRange(Stopwatch.GetElapsedTime(stopped).TotalSeconds, 0, 1);
    }

    [PostgresFact]
    public async Task A_host_that_was_suspended_writes_nothing_of_sessions_that_were_taken_over()
    {
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "suspended");
        var (first, second) = (await group.StartAsync("first"), await group.StartAsync("second"));
        await first.Api.AskAgentAsync("assistant", "ada", "one");
        var late = first.Api.Http.PostAsJsonAsync("/v1/sessions/ada/runs", new { agent = "typing", input = Words });
        await PostgresServer.WaitAsync(async () => (int)(await first.Api.GetAsync("/v1/host"))["runs"]!["running"]! == 1);

        await HostGroup.SuspendAsync(first);
        // With a key it may be sent again, although the suspended host has it.
        Assert.Equal("Echo: two (2 earlier messages)", (string)(await second.Api.RunAsync("ada", "two", "k2", "assistant"))["text"]!);
        await HostGroup.ContinueAsync(first);

        using (var response = await late)
        {
            var problem = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable, problem);
            Assert.Contains("Another host has taken over", problem, StringComparison.Ordinal);
        }

        // It passes requests on again.
        Assert.Equal("Echo: three (4 earlier messages)", await first.Api.AskAgentAsync("assistant", "ada", "three"));
        Assert.Equal(["one", "two", "three"], (await second.Api.ListMessagesAsync("ada")).Where(m => m.Role == "user").Select(m => m.Text));
    }

    [PostgresFact]
    public async Task A_run_that_another_host_has_completed_is_completed_for_the_host_that_lost_it()
    {
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "lost_run");
        var (first, second) = (await group.StartAsync("first"), await group.StartAsync("second"));
        var run = $"/v1/sessions/ada/runs/{(await StartInBackgroundAsync(first, "ada"))["id"]}";

        await HostGroup.SuspendAsync(first);
        await HostGroup.WaitForLostAsync(second, "first");
        await HostGroup.ContinueAsync(first);
        await PostgresServer.WaitAsync(async () => (string)(await second.Api.GetAsync(run))["status"]! == "completed");
        // Its own attempt has ended too.
        await PostgresServer.WaitAsync(async () => (int)(await first.Api.GetAsync("/v1/host"))["runs"]!["running"]! == 0);

        Assert.Equal("completed", (string)(await first.Api.GetAsync(run))["status"]!);
        Assert.Equal([Words, $"Echo: {Words} (0 earlier messages)"], (await first.Api.ListMessagesAsync("ada")).Select(m => m.Text));
    }

    [PostgresFact]
    public async Task An_agent_that_a_host_does_not_have_yet_runs_on_one_that_has_it()
    {
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "agents");
        var (first, second) = (await group.StartAsync("first"), await group.StartAsync("second", group.Rename("typing", "newer")));
        await first.Api.AskAgentAsync("assistant", "ada", "one");

        await PostgresServer.WaitAsync(async () => (await first.Api.GetAsync("/v1/hosts"))["data"]!.AsArray().Count == 2);
        using var unknown = await second.Api.Http.PostAsJsonAsync("/v1/sessions/bob/runs", new { agent = "nowhere", input = "two" });
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal("Echo: two (2 earlier messages)", await first.Api.AskAgentAsync("newer", "ada", "two"));
        Assert.Equal("Echo: three (4 earlier messages)", await second.Api.AskAgentAsync("newer", "ada", "three"));
    }

    [PostgresFact]
    public async Task A_host_that_is_overloaded_says_so_through_another_host()
    {
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "overloaded");
        var (first, second) = (await group.StartAsync("first", ("Server__MaxConcurrentRequests", "1")), await group.StartAsync("second"));
        await first.Api.AskAgentAsync("assistant", "ada", "one");
        using var enough = new CancellationTokenSource();
        // Longer than the test.
        var busy = first.Api.Http.PostAsJsonAsync(
            "/v1/sessions/bob/runs", new { agent = "typing", input = string.Join(' ', Enumerable.Repeat(Words, 20)) }, enough.Token);
        await PostgresServer.WaitAsync(async () => (int)(await second.Api.GetAsync("/v1/hosts"))["data"]![0]!["runs"]! == 1);

        using var response = await second.Api.Http.PostAsJsonAsync("/v1/sessions/ada/runs", new { agent = "assistant", input = "two" });

        var problem = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable, problem);
        Assert.Contains("overloaded", problem, StringComparison.Ordinal);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => busy);
    }

    [PostgresFact]
    public async Task Hosts_with_different_keys_say_so()
    {
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "keys");
        var origin = ("Server__AllowedOrigins__0", "https://app.example.com");
        var (first, second) = (await group.StartAsync("first", origin), await group.StartAsync("second", origin, ("CLUSTER_KEY", "another-key-that-is-long-enough")));
        await first.Api.AskAgentAsync("assistant", "ada", "one");

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/sessions/ada/runs") { Content = JsonContent.Create(new { agent = "assistant", input = "two" }) };
        request.Headers.Add("Origin", "https://app.example.com");
        using var response = await second.Api.Http.SendAsync(request);
        // A page of another origin can read why.
        Assert.Equal(["https://app.example.com"], response.Headers.GetValues("Access-Control-Allow-Origin"));

        var problem = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Forbidden, problem);
        Assert.Contains("cluster-key-refused", problem, StringComparison.Ordinal);
        Assert.Contains("Give all hosts the same Cluster:Key", problem, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task The_same_idempotency_key_on_two_hosts_at_once_is_one_run()
    {
        await using var group = HostGroup.Create(await SharedServer.GetAsync(), "repeated");
        var (first, second) = (await group.StartAsync("first"), await group.StartAsync("second"));

        var runs = await Task.WhenAll(first.Api.RunAsync("ada", "one", "k1", "assistant"), second.Api.RunAsync("ada", "one", "k1", "assistant"));
        Assert.Equal((string)runs[0]["id"]!, (string)runs[1]["id"]!);
        Assert.Equal(2, (await first.Api.ListMessagesAsync("ada")).Count);
    }

    private static Task<JsonNode> StartInBackgroundAsync(RunningHost host, string session, string words = Words) => host.Api.PostAsync(
        $"/v1/sessions/{session}/runs", new JsonObject { ["agent"] = "typing", ["input"] = words, ["background"] = true }, HttpStatusCode.Accepted);

    private static async Task<string> ReadUntilAsync(StreamReader reader, string text)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal)) return line;
        }

        throw new InvalidOperationException($"The stream ended before '{text}'.");
    }
}
