using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.ModelServer;
using PluginHost.Sdk;

namespace PluginHost.Tests.Outcomes;

/// <summary>What the model was given, by whom, and who may see that.</summary>
public sealed class ExplainTests
{
    private const string Redaction = """{ "Plugin": "redaction" }""", Memory = """{ "Plugin": "memory" }""";

    [Theory]
    [InlineData("")]
    [InlineData("\"Api\": \"responses\"")]
    public async Task Each_call_names_the_source_of_every_part_and_the_hash_of_what_was_sent(string api)
    {
        using var setup = new OutcomeSetup("sqlite") { Behind = Memory, Model = api, Agent = "\"Instructions\": \"Be brief.\", \"ServiceSession\": \"off\"" };
        await using var host = await OutcomeHost.StartAsync(setup);
        await host.RunAsync("s", "first");
        host.Model.Enqueue(new ModelReply { ToolCalls = [new("call_1", "remember", """{"fact":"tea"}""")] });

        var run = await ExplainAsync(host, "s", (await host.RunAsync("s", "I like tea")).Run("id"));

        var calls = run.GetProperty("calls").EnumerateArray().ToList();
        Assert.Equal(host.Model.Requests.Skip(1).Select(r => Convert.ToHexStringLower(SHA256.HashData(r.Bytes.Span))), calls.Select(c => Text(c, "body_sha256")));
        Assert.Equal(
            ["user history sqlite-history loaded first", "assistant history sqlite-history loaded Hello there", "user caller - new I like tea"],
            calls[0].GetProperty("messages").EnumerateArray().Select(Describe));
        Assert.Equal(
            ["assistant model - new [call call_1]", "tool tool memory new [result call_1]"],
            calls[1].GetProperty("messages").EnumerateArray().Skip(3).Select(Describe));
        Assert.Equal(["agent new Be brief."], calls[0].GetProperty("instructions").EnumerateArray().Select(i => $"{Text(i, "source")} {Text(i, "state")} {Text(i, "text")}"));
        Assert.Equal(["remember memory", "forget memory"], calls[0].GetProperty("tools").EnumerateArray().Select(t => $"{Text(t, "name")} {Text(t, "plugin")}"));
        Assert.Equal(("tool_calls", "stop"), (Text(calls[0], "finish_reason"), Text(calls[1], "finish_reason")));
        Assert.Equal(7, calls[1].GetProperty("usage").GetProperty("input_tokens").GetInt64());
        Assert.Equal("remember", Text(Assert.Single(run.GetProperty("tool_calls").EnumerateArray()), "name"));
        Assert.Equal(
            ["history sqlite-history 2", "context memory 0", "model - 0"],
            run.GetProperty("stages").EnumerateArray().Select(s => $"{Text(s, "kind")} {Text(s, "plugin")} {s.GetProperty("messages")}"));
    }

    [Fact]
    public async Task Each_part_has_its_tokens_and_its_time_and_each_call_its_settings()
    {
        using var setup = new OutcomeSetup("sqlite") { Behind = Memory, Model = "\"Model\": \"gpt-4o\"", Agent = "\"Instructions\": \"Be brief.\"" };
        await using var host = await OutcomeHost.StartAsync(setup);
        await host.RunAsync("s", "first");
        var body = new JsonObject { ["input"] = "The quick brown fox jumps over the lazy dog.", ["options"] = new JsonObject { ["temperature"] = 0.5 } };

        var run = await ExplainAsync(host, "s", (await host.PostAsync("/v1/sessions/s/runs", body)).Run("id"));

        var call = Calls(run)[0];
        var parts = new[] { "instructions", "messages", "tools" }.SelectMany(name => call.GetProperty(name).EnumerateArray()).Select(p => p.GetProperty("tokens").GetInt64()).ToList();
        Assert.True(call.GetProperty("tokens_counted").GetBoolean());
        // Ten of the text, four of the message.
        Assert.Equal(14, call.GetProperty("messages").EnumerateArray().Last().GetProperty("tokens").GetInt64());
        Assert.All(parts, tokens => Assert.InRange(tokens, 1, 500));
        Assert.Equal(parts.Sum(), call.GetProperty("tokens").GetInt64());
        Assert.Equal(0.5, call.GetProperty("settings").GetProperty("temperature").GetDouble());
        Assert.All(run.GetProperty("stages").EnumerateArray().SkipLast(1), stage => Assert.InRange(stage.GetProperty("took_ms").GetDouble(), 0, 20_000));
        Assert.InRange(call.GetProperty("took_ms").GetDouble(), 0, 20_000);
    }

    [Fact]
    public async Task What_a_middleware_behind_the_history_changed_is_shown_before_and_after()
    {
        using var setup = new OutcomeSetup("sqlite") { Behind = Redaction };
        await using var host = await OutcomeHost.StartAsync(setup);
        await host.RunAsync("s", "no secret");

        var call = Calls(await ExplainAsync(host, "s", (await host.RunAsync("s", "write to ann@example.org")).Run("id")))[0];

        var messages = call.GetProperty("messages").EnumerateArray().ToList();
        Assert.Equal(["loaded", "loaded", "changed"], messages.Select(m => Text(m, "state")));
        Assert.Equal("write to [email]", ContentOf(messages[2], "content"));
        Assert.Equal("write to ann@example.org", ContentOf(messages[2], "before"));
        Assert.Equal("redaction", Assert.Single(messages[2].GetProperty("changed_by").EnumerateArray()).GetString());
        var place = Assert.Single(call.GetProperty("middleware").EnumerateArray());
        Assert.Equal(("chat_middleware", "redaction", true), (Text(place, "kind"), Text(place, "plugin"), place.GetProperty("took_ms").GetDouble() >= 0));
    }

    [Fact]
    public async Task What_no_history_got_is_not_kept_here_either()
    {
        using var setup = new OutcomeSetup("sqlite") { Before = Redaction };
        await using var host = await OutcomeHost.StartAsync(setup);

        var run = await ExplainAsync(host, "s", (await host.RunAsync("s", "write to ann@example.org")).Run("id"));

        var message = Assert.Single(Calls(run)[0].GetProperty("messages").EnumerateArray());
        Assert.Equal(("changed", "write to [email]", true), (Text(message, "state"), ContentOf(message, "content"), message.GetProperty("before_withheld").GetBoolean()));
        Assert.DoesNotContain("ann@", run.GetRawText());
    }

    [Theory]
    [InlineData("\"Window\": 3", "window", true)]
    [InlineData("\"MaxTokens\": 6", "tokens", false)]
    public async Task What_was_left_out_is_said_with_its_reason(string limit, string reason, bool hasMore)
    {
        using var setup = new OutcomeSetup("sqlite") { HistoryHost = limit };
        await using var host = await OutcomeHost.StartAsync(setup);
        for (var turn = 0; turn < 4; turn++) await host.RunAsync("s", $"turn {turn}");

        var call = Calls(await ExplainAsync(host, "s", (await host.RunAsync("s", "now")).Run("id")))[0];

        var left = Assert.Single(call.GetProperty("left_out").EnumerateArray());
        Assert.Equal((reason, "sqlite-history", hasMore), (Text(left, "reason"), Text(left, "plugin"), left.TryGetProperty("has_more", out _)));
        Assert.Equal("now", ContentOf(call.GetProperty("messages").EnumerateArray().Last(), "content"));
    }

    [Fact]
    public async Task A_result_without_its_call_is_left_out_and_a_missing_result_is_added()
    {
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup);
        JsonNode input = new JsonArray(
            new JsonObject { ["role"] = "assistant", ["content"] = new JsonArray(new JsonObject { ["type"] = "function_call", ["call_id"] = "c1", ["name"] = "look" }) },
            new JsonObject { ["role"] = "user", ["content"] = "and?" });

        var call = Calls(await ExplainAsync(host, "s", (await host.RunAsync("s", input)).Run("id")))[0];

        Assert.Equal(["caller", "host", "caller"], call.GetProperty("messages").EnumerateArray().Select(m => Text(m, "source")));
    }

    [Fact]
    public async Task A_run_in_progress_is_explained_as_far_as_it_is()
    {
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup);
        var hold = new Hold();
        host.Model.Enqueue(new ModelReply { AfterFirstPiece = hold });
        var id = await host.BeginAsync("s", "continue");
        await hold.Reached.WaitAsync(TimeSpan.FromSeconds(20));

        var run = await ExplainAsync(host, "s", id);

        hold.Release();
        await host.EndOfAsync("s", id);
        var call = Calls(run)[0];
        Assert.Equal("running", Text(run, "status"));
        Assert.False(call.TryGetProperty("took_ms", out _));
        Assert.Equal(64, Text(call, "body_sha256").Length);
    }

    [Fact]
    public async Task A_call_that_failed_says_why()
    {
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelReply { Status = 500 });
        await host.RunAsync("s", "hi");
        var id = Text((await host.GetAsync("/v1/sessions/s/runs")).Json.GetProperty("data")[0], "id");

        var call = Calls(await ExplainAsync(host, "s", id))[0];

        Assert.Equal("model_error", Text(call.GetProperty("error"), "type"));
    }

    [Fact]
    public async Task Another_tenant_finds_nothing()
    {
        using var setup = new OutcomeSetup("sqlite") { Keys = [ApiKey.Create("key-of-tenant-a", "a", isAdmin: false), ApiKey.Create("key-of-tenant-b", "b", isAdmin: true)] };
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Http.DefaultRequestHeaders.Authorization = new("Bearer", "key-of-tenant-a");
        var id = (await host.RunAsync("s", "mine")).Run("id");
        await ExplainAsync(host, "s", id);

        host.Http.DefaultRequestHeaders.Authorization = new("Bearer", "key-of-tenant-b");
        (await host.GetAsync($"/v1/sessions/s/runs/{id}/explain")).IsProblem(404, "run-not-found");
        await host.RunAsync("s", "other");
        (await host.GetAsync($"/v1/sessions/s/runs/{id}/explain")).IsProblem(404, "run-not-found");
    }

    [Fact]
    public async Task It_is_gone_with_its_session_and_with_messages_of_it()
    {
        using var setup = new OutcomeSetup("sqlite");
        await using var host = await OutcomeHost.StartAsync(setup);
        var id = (await host.RunAsync("s", "hi")).Run("id");
        await ExplainAsync(host, "s", id);
        var message = Text((await host.GetAsync("/v1/sessions/s/messages")).Json.GetProperty("data")[0], "id");

        await host.Services.GetRequiredService<SessionService>().DeleteMessagesAsync(new SessionKey("default", "s"), [message], default);
        (await host.GetAsync($"/v1/sessions/s/runs/{id}/explain")).IsProblem(404, "explanation-not-kept");

        var next = (await host.RunAsync("s", "again")).Run("id");
        await ExplainAsync(host, "s", next);
        await host.Http.DeleteAsync(new Uri("/v1/sessions/s", UriKind.Relative));
        (await host.GetAsync($"/v1/sessions/s/runs/{next}/explain")).IsProblem(404, "run-not-found");
        Assert.Equal(0, host.Services.GetRequiredService<LiveRuns>().Explanations.Bytes);
    }

    [Fact]
    public async Task A_would_be_run_says_what_would_be_sent_and_leaves_nothing()
    {
        using var setup = new OutcomeSetup("sqlite") { Before = Redaction, Behind = Memory };
        await using var host = await OutcomeHost.StartAsync(setup);
        await host.RunAsync("s", "first");
        var (stored, version, calls) = (await host.StoredAsync("s"), (await host.GetAsync("/v1/sessions/s")).Json.GetRawText(), host.Model.Requests.Count);
        var input = new JsonObject { ["input"] = "second", ["options"] = new JsonObject { ["temperature"] = 0.5 } };

        var answer = await host.PostAsync("/v1/sessions/s/explain?before=true", input);
        var elsewhere = await host.PostAsync("/v1/sessions/new/explain", input);

        Assert.Equal(calls, host.Model.Requests.Count);
        Assert.Equal((200, "would_be"), (elsewhere.Status, Text(elsewhere.Json, "status")));
        (await host.GetAsync("/v1/sessions/new")).IsProblem(404, "session-not-found");
        Assert.Equal(stored, await host.StoredAsync("s"));
        Assert.Equal(version, (await host.GetAsync("/v1/sessions/s")).Json.GetRawText());
        Assert.Single((await host.GetAsync("/v1/sessions/s/runs")).Json.GetProperty("data").EnumerateArray());
        await host.PostAsync("/v1/sessions/s/runs", input);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(host.Model.Requests[^1].Bytes.Span)), Text(Calls(answer.Json)[0], "body_sha256"));
    }

    [Fact]
    public async Task A_would_be_run_and_a_replay_are_not_charged()
    {
        const string Budget = """{ "Plugin": "budget", "Options": { "Limits": [ { "Measure": "ModelCalls", "Max": 2, "Per": "Session", "Window": "Day" } ] } }""";
        using var setup = new OutcomeSetup("sqlite") { Before = Budget };
        await using var host = await OutcomeHost.StartAsync(setup);
        // The counters are in the folder of the plugin, which outlives the test.
        var session = $"s{Guid.NewGuid():N}";
        (await host.RunAsync(session, "one")).Run("id");

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(200, (await host.PostAsync($"/v1/sessions/{session}/explain", new JsonObject { ["input"] = "two" })).Status);
            Assert.Equal(1, (await host.PostAsync($"/v1/sessions/{session}/replay")).Json.GetProperty("same").GetInt32());
        }

        (await host.RunAsync(session, "two")).Run("id");
        (await host.RunAsync(session, "three")).IsProblem(429, "run-refused");
    }

    [Fact]
    public async Task Where_it_is_off_nothing_is_kept_and_the_answer_says_so()
    {
        using var setup = new OutcomeSetup("sqlite") { Root = "\"Explain\": { \"Enabled\": false }" };
        await using var host = await OutcomeHost.StartAsync(setup);
        var id = (await host.RunAsync("s", "hi")).Run("id");

        var answer = await host.GetAsync($"/v1/sessions/s/runs/{id}/explain");

        answer.IsProblem(404, "explanation-not-kept");
        Assert.Contains("Explain:Enabled", Text(answer.Json, "detail"));
    }

    private static async Task<JsonElement> ExplainAsync(OutcomeHost host, string session, string run)
    {
        var answer = await host.GetAsync($"/v1/sessions/{session}/runs/{run}/explain");
        Assert.True(answer.Status == 200, answer.Json.GetRawText());
        return answer.Json;
    }

    private static List<JsonElement> Calls(JsonElement run) => [.. run.GetProperty("calls").EnumerateArray()];

    private static string Describe(JsonElement message) =>
        $"{Text(message, "role")} {Text(message, "source")} {Text(message, "plugin")} {Text(message, "state")} {ContentOf(message, "content")}";

    private static string ContentOf(JsonElement message, string member) => string.Concat(message.GetProperty(member).EnumerateArray().Select(p => Text(p, "type") switch
    {
        "text" => Text(p, "text"),
        "function_call" => $"[call {Text(p, "call_id")}]",
        _ => $"[result {Text(p, "call_id")}]",
    }));

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString()! : "-";

    [Fact]
    public async Task A_would_be_run_counts_as_a_run_of_its_tenant_while_it_is_made()
    {
        using var setup = new OutcomeSetup("sqlite") { Sessions = "\"MaxConcurrentRuns\": 1" };
        await using var host = await OutcomeHost.StartAsync(setup);
        var hold = new Hold();
        host.Model.Enqueue(new ModelReply { AfterFirstPiece = hold });
        var id = await host.BeginAsync("s", "one");
        await hold.Reached.WaitAsync(TimeSpan.FromSeconds(20));

        (await host.PostAsync("/v1/sessions/s/explain", new JsonObject { ["input"] = "two" })).IsProblem(429, "too-many-runs");

        hold.Release();
        await host.EndOfAsync("s", id);
        Assert.Equal(200, (await host.PostAsync("/v1/sessions/s/explain", new JsonObject { ["input"] = "two" })).Status);
    }

    [Fact]
    public async Task A_result_that_waited_for_an_approval_has_its_tool_as_its_source()
    {
        using var setup = new OutcomeSetup("files") { Behind = """{ "Plugin": "memory", "Host": { "Approve": ["remember"] } }""" };
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelReply { Text = [], ToolCalls = [new("c1", "remember", """{"fact":"tea"}""")] });
        var id = (await host.RunAsync("s", "hi")).Run("id");
        var asked = Assert.Single((await host.GetAsync("/v1/approvals")).Json.GetProperty("data").EnumerateArray());
        await host.PostAsync($"/v1/approvals/{Text(asked, "id")}", new JsonObject { ["approve"] = true });
        await host.EndOfAsync("s", id);

        var messages = Calls(await ExplainAsync(host, "s", id))[0].GetProperty("messages").EnumerateArray().ToList();

        Assert.Equal("tool tool memory new [result c1]", Describe(messages[^1]));
    }
}
