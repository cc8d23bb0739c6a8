using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;

namespace PluginHost.EndToEnd;

/// <summary>Facts of users over HTTP: who sees them, what outlives what, and their deletion.</summary>
[Trait("Form", "Long")]
public sealed class UserMemoryTests
{
    private const string Configuration =
        """
        {
          "Agents": { "assistant": { "Chain": [ { "Plugin": "sqlite-history" }, { "Plugin": "memory", "Options": { "Scope": "User", "MaxFacts": 500 } },
            { "Plugin": "budget", "Options": { "Limits": [ { "Measure": "ModelCalls", "Max": 100000, "Per": "User", "Window": "Month" } ] } } ] } },
          "Sessions": { "Store": { "Plugin": "sqlite-sessions" } }
        }
        """;

    private const string User = "auth0|ada/../x";
    private const string UserInPath = "auth0%7Cada%2F..%2Fx";

    [Fact]
    public async Task A_user_is_known_in_all_sessions_of_one_tenant_until_the_user_is_deleted()
    {
        await using var model = await WireServer.StartAsync(new Noting());
        using var folder = WorkFolder.Create(Configuration);
        (string, string)[] variables = [Keys.WriteTo(folder), .. ModelOf(model)];
        await using (var first = await RunningHost.StartAsync(folder, variables))
        {
            Assert.Contains("Remembered as fact 1.", await AskAsync(first, Keys.Acme, User, "one", "remember Likes tea."), StringComparison.Ordinal);
            await AskAsync(first, Keys.Acme, "bob", "two", "remember Likes milk.");
            await AskAsync(first, Keys.Globex, User, "one", "remember Likes water.");
            await first.StopAsync();
        }

        await using var host = await RunningHost.StartAsync(folder, variables);
        Assert.Contains("1: Likes tea.", await AskAsync(host, Keys.Acme, User, "three", "hi"), StringComparison.Ordinal);
        Assert.Contains("1: Likes tea.", await ChatAsync(host, Keys.Acme, "user", User), StringComparison.Ordinal);
        Assert.Contains("1: Likes tea.", await ChatAsync(host, Keys.Acme, "safety_identifier", User), StringComparison.Ordinal);
        foreach (var other in new[] { await AskAsync(host, Keys.Acme, "bob", "three", "hi"), await AskAsync(host, Keys.Globex, User, "three", "hi"), await AskAsync(host, Keys.Acme, null, "four", "hi") })
            Assert.DoesNotContain("tea", other, StringComparison.Ordinal);

        var kept = await CallAsync(host, Keys.Acme, "GET", $"/v1/users/{UserInPath}");
        var fact = kept["kept"]!.AsArray().Single(k => (string)k!["plugin"]! == "memory")!["items"]![0]!["fact"]!;
        Assert.Equal(("Likes tea.", "one"), ((string)fact["text"]!, (string)fact["from"]!["session"]!));
        var seenByAdmin = await CallAsync(host, Keys.Admin, "GET", $"/v1/users/{UserInPath}?tenant=globex");
        Assert.Equal(["memory 1", "budget 1"], seenByAdmin["kept"]!.AsArray().Select(k => $"{k!["plugin"]} {k["count"]}"));
        Assert.DoesNotContain("water", seenByAdmin.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(403, (await host.CallAsync(Keys.Acme, "DELETE", $"/v1/users/{UserInPath}?tenant=globex")).Status);

        var receipt = await CallAsync(host, Keys.Acme, "DELETE", $"/v1/users/{UserInPath}");

        Assert.Equal((User, "acme", "user.deleted"), ((string)receipt["id"]!, (string)receipt["tenant"]!, (string)receipt["object"]!));
        Assert.Equal(["memory user-data 1", "budget user-data 1"], receipt["removed"]!.AsArray().Select(r => $"{r!["plugin"]} {r["kind"]} {r["removed"]}"));
        Assert.DoesNotContain("tea", await AskAsync(host, Keys.Acme, User, "five", "hi"), StringComparison.Ordinal);
        Assert.Contains("Likes milk.", await AskAsync(host, Keys.Acme, "bob", "five", "hi"), StringComparison.Ordinal);
        Assert.Contains("Likes water.", await AskAsync(host, Keys.Globex, User, "five", "hi"), StringComparison.Ordinal);
        receipt = await CallAsync(host, Keys.Admin, "DELETE", $"/v1/users/{UserInPath}?tenant=globex");
        Assert.Equal(1, (int)receipt["removed"]![0]!["removed"]!);
        Assert.DoesNotContain("water", await AskAsync(host, Keys.Globex, User, "six", "hi"), StringComparison.Ordinal);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_hostile_name_is_refused_or_is_only_a_name()
    {
        await using var model = await WireServer.StartAsync(new Noting());
        using var folder = WorkFolder.Create(Configuration);
        await using var host = await RunningHost.StartAsync(folder, ModelOf(model));
        foreach (var user in new[] { "a\nb", "a\0b", new string('x', 513), new string('x', 1_000_000) })
        {
            using var native = await host.Api.Http.PostAsJsonAsync("/v1/runs", new { input = "remember Likes tea.", user });
            using var metadata = await host.Api.Http.PostAsJsonAsync("/v1/runs", new { input = "remember Likes tea.", metadata = new { user } });
            using var chat = await host.Api.Http.PostAsJsonAsync("/v1/chat/completions", new { model = "assistant", user, messages = new[] { new { role = "user", content = "hi" } } });
            using var responses = await host.Api.Http.PostAsJsonAsync("/v1/responses", new { model = "assistant", safety_identifier = user, input = "hi" });
            using var anthropic = await host.Api.Http.PostAsJsonAsync(
                "/v1/messages", new { model = "assistant", max_tokens = 10, metadata = new { user_id = user }, messages = new[] { new { role = "user", content = "hi" } } });
            foreach (var answer in new[] { native, metadata, chat, responses, anthropic })
            {
                var body = await answer.Content.ReadAsStringAsync();
                Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{answer.RequestMessage!.RequestUri}: {(int)answer.StatusCode} {body}");
                Assert.Contains("user", body, StringComparison.Ordinal);
                Assert.InRange(body.Length, 1, 10_000);
            }
        }

        foreach (var (user, inPath) in new[] { ("../x", "..%2Fx"), ("a/b", "a%2Fb"), ("a%2Fb", "a%252Fb"), ("'; DROP TABLE facts; --", "'%3B%20DROP%20TABLE%20facts%3B%20--"), ("日本", "%E6%97%A5%E6%9C%AC"), (new string('x', 512), new string('x', 512)) })
        {
            await AskAsync(host, null, user, "s", "remember Likes tea.");
            Assert.Equal(1, (int)(await CallAsync(host, "", "DELETE", $"/v1/users/{inPath}"))["removed"]![0]!["removed"]!);
        }

        Assert.Equal(400, (await host.CallAsync("", "GET", "/v1/users/a%0Ab")).Status);
        Assert.Equal(400, (await host.CallAsync("", "GET", $"/v1/users/{new string('x', 513)}")).Status);
        Assert.Equal(400, (await host.CallAsync("", "GET", "/v1/users/ada?tenant=*")).Status);
        Assert.DoesNotContain(model.Requests, r => r.Text.Contains("a\\nb", StringComparison.Ordinal) || r.Text.Length > 100_000);
        await host.StopAsync();
    }

    [Fact]
    public async Task Parallel_runs_and_a_kill_lose_no_fact_that_was_acknowledged()
    {
        await using var model = await WireServer.StartAsync(new Noting());
        using var folder = WorkFolder.Create(Configuration);
        var acknowledged = new ConcurrentBag<int>();
        await using (var first = await RunningHost.StartAsync(folder, ModelOf(model)))
        {
            var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var next = 0;
            var callers = Enumerable.Range(0, 8).Select(c => Task.Run(async () =>
            {
                try
                {
                    while (true)
                    {
                        var i = Interlocked.Increment(ref next);
                        await AskAsync(first, null, "ada", $"s{c}", $"remember Fact number {i}.");
                        acknowledged.Add(i);
                        if (acknowledged.Count >= 40) enough.TrySetResult();
                    }
                }
                catch (HttpRequestException)
                {
                    // The host was killed.
                }
            })).ToList();
            await enough.Task.WaitAsync(TimeSpan.FromMinutes(1));
            await first.KillAsync();
            await Task.WhenAll(callers);
        }

        await using var host = await RunningHost.StartAsync(folder, ModelOf(model));
        var answer = await AskAsync(host, null, "ada", "new", "hi");

        Assert.All(acknowledged, i => Assert.Contains($"Fact number {i}.", answer, StringComparison.Ordinal));
        await host.StopAsync();
    }

    [LinuxTheory]
    [InlineData("full")]
    [InlineData("read-only")]
    public async Task A_disk_that_takes_nothing_fails_no_run_and_is_named(string disk)
    {
        await using var model = await WireServer.StartAsync(new Noting());
        using var folder = WorkFolder.Create(Configuration);
        using var small = new SmallDisk(folder["data/plugins/memory"]);
        await using (var first = await RunningHost.StartAsync(folder, launcher: ["env", "--ignore-signal=XFSZ"], ModelOf(model)))
        {
            await AskAsync(first, null, "ada", "one", "remember Likes tea.");
            if (disk == "full")
            {
                small.Fill(first);
                await ExpectTroubleAsync(first);
                small.Empty();
                Assert.Contains("Remembered as fact", await AskAsync(first, null, "ada", "one", "remember Likes cake."), StringComparison.Ordinal);
            }

            await first.StopAsync();
        }

        if (disk == "full") return;
        small.Protect();
        await using var host = await RunningHost.StartAsync(folder, ModelOf(model));
        await ExpectTroubleAsync(host);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_deletion_cancels_the_runs_of_the_user_so_that_nothing_is_remembered_after_it()
    {
        var hold = new Hold();
        await using var model = await FakeModel.StartAsync(new ModelReply { BeforeAnswer = hold, ToolCalls = [new("c", "remember", """{"fact":"Likes tea."}""")] });
        using var folder = WorkFolder.Create(Configuration);
        await using var host = await RunningHost.StartAsync(folder, ModelVariables.Create(model));
        var running = host.Api.Http.PostAsJsonAsync("/v1/sessions/s/runs", new { input = "hi", user = "ada" });
        await hold.Reached;

        await CallAsync(host, "", "DELETE", "/v1/users/ada");
        hold.Release();

        using var answer = await running;
        Assert.Equal("cancelled", (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["status"]!);
        Assert.Equal(0, (int)(await CallAsync(host, "", "GET", "/v1/users/ada"))["kept"]![0]!["count"]!);
        await host.StopAsync();
    }

    /// <summary>Facts as large as a page, so that the last bytes of a disk are soon used.</summary>
    private static async Task ExpectTroubleAsync(RunningHost host)
    {
        for (var i = 0; i < 20; i++)
        {
            using var answer = await host.Api.Http.PostAsJsonAsync("/v1/sessions/two/runs", new { input = $"remember {i} {new string('x', 3000)}", user = "ada" });
            var run = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            Assert.True(answer.StatusCode == HttpStatusCode.OK && (string?)run["status"] == "completed", run.ToJsonString());
            if ((string)run["text"]! != "The memory cannot be used now. Nothing was changed." && run["skipped"]!.AsArray().Count == 0) continue;
            var ready = await host.Api.GetAsync("/health/ready");
            Assert.Contains("memory.db' cannot be used", ready.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), StringComparison.Ordinal);
            return;
        }

        Assert.Fail("The disk took everything.");
    }

    private static (string, string)[] ModelOf(WireServer model) =>
        [("Agents__assistant__Model__Client", "openai"), ("Agents__assistant__Model__Endpoint", model.Endpoint)];

    private static async Task<string> AskAsync(RunningHost host, string? key, string? user, string session, string input)
    {
        var body = new JsonObject { ["input"] = input };
        if (user is not null) body["user"] = user;
        var run = await CallAsync(host, key ?? "", "POST", $"/v1/sessions/{session}/runs", body);
        Assert.Equal("completed", (string)run["status"]!);
        return (string)run["text"]!;
    }

    private static async Task<string> ChatAsync(RunningHost host, string key, string field, string user)
    {
        var body = new JsonObject { ["model"] = "assistant", [field] = user, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "hi" }) };
        return (string)(await CallAsync(host, key, "POST", "/v1/chat/completions", body))["choices"]![0]!["message"]!["content"]!;
    }

    private static async Task<JsonNode> CallAsync(RunningHost host, string key, string method, string path, JsonNode? body = null)
    {
        var (status, text) = await host.CallAsync(key, method, path, body?.ToJsonString());
        Assert.True(status == 200, $"{method} {path}: {status} {text}");
        return JsonNode.Parse(text)!;
    }

    /// <summary>A model that remembers what the user asks it to, and otherwise says its instructions.</summary>
    private sealed class Noting : IDialect
    {
        public WireReply Answer(WireRequest request)
        {
            var last = request.Messages[^1];
            var text = (string)last["content"]!;
            if ((string)last["role"]! == "user" && text.StartsWith("remember ", StringComparison.Ordinal) && request.Body["tools"] is not null)
            {
                var arguments = new JsonObject { ["fact"] = text["remember ".Length..] }.ToJsonString();
                return ChatReplies.From(request, new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(ChatReplies.Call("call_1", "remember", arguments)) });
            }

            var instructions = string.Concat(request.Messages.Where(m => (string)m["role"]! is "system" or "developer").Select(m => (string)m["content"]!));
            return ChatReplies.From(request, new JsonObject { ["role"] = "assistant", ["content"] = (string)last["role"]! == "tool" ? text : $"I know: {instructions}" });
        }
    }
}
