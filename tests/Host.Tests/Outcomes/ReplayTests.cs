using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Dialects;

namespace PluginHost.Tests.Outcomes;

/// <summary>Recorded runs, made again with another configuration.</summary>
public sealed class ReplayTests
{
    /// <summary>In one long session and in short ones.</summary>
    private const int Sessions = 10;

    /// <summary>How many runs are replayed; more in the long form of the test.</summary>
    private static int Count { get; } = int.Parse(Environment.GetEnvironmentVariable("PLUGINHOST_REPLAYED_RUNS") ?? "60", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task Runs_of_all_outcomes_are_the_same_byte_for_byte_through_the_same_chain()
    {
        using var setup = Create("""{ "Plugin": "memory" }, { "Plugin": "redaction" }""");
        await using var host = await OutcomeHost.StartAsync(setup);
        for (var i = 0; i < Count; i++) await RunAsync(host, i);
        var (sent, runs) = (host.Model.Requests.Count, 0);

        foreach (var session in Enumerable.Range(0, Sessions).Select(i => i % 2 == 0 ? 0 : i).Distinct().Select(i => $"s{i}"))
        {
            var stored = await host.StoredAsync(session);
            var answer = await host.PostAsync($"/v1/sessions/{session}/replay");
            Assert.True(answer.Status == 200, answer.Json.GetRawText());
            Assert.True(answer.Json.GetProperty("different").GetInt32() + answer.Json.GetProperty("not_replayed").GetInt32() == 0, answer.Json.GetRawText());
            runs += answer.Json.GetProperty("same").GetInt32();
            Assert.Equal(stored, await host.StoredAsync(session));
        }

        Assert.Equal(Count, runs);
        Assert.Equal(sent, host.Model.Requests.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(""", "ContextTokens": 4000 """)]
    public async Task Runs_that_were_refused_and_cut_are_the_same_although_the_host_has_learnt_since(string tokens)
    {
        await using var server = await WireServer.StartAsync(new Windowed(4_000, 3), keepsRequests: false);
        using var setup = new OutcomeSetup("sqlite") { Behind = """{ "Plugin": "large-tool" }""", Model = $$""" "Model": "local"{{tokens}} """ };
        await using var host = await OutcomeHost.StartAsync(setup, server);
        for (var turn = 0; turn < 12; turn++) (await host.RunAsync("s", $"turn {turn}")).Run("text");

        var answer = await host.PostAsync("/v1/sessions/s/replay");

        Assert.True(answer.Json.GetProperty("different").GetInt32() == 0, answer.Json.GetRawText());
        Assert.Equal(12, answer.Json.GetProperty("same").GetInt32());
    }

    [Fact]
    public async Task Runs_before_and_after_a_summary_was_written_are_the_same_through_the_same_chain()
    {
        using var setup = Create("""{ "Plugin": "large-tool" }, { "Plugin": "compaction", "Options": { "MaxTokens": 400, "KeepMessages": 2 } }""");
        await using var host = await OutcomeHost.StartAsync(setup);
        var (runs, summarised) = (0, 0);
        for (; runs < 60 && (runs < 14 || summarised < 3); runs++)
        {
            if (runs == 0) host.Model.Enqueue(new ModelReply { ToolCalls = [new("c1", "read", "{}")] });
            await host.RunAsync("s", $"turn {runs} {new string('x', 300)}");
            if (host.Model.Requests.Any(r => r.Body.ToJsonString() is var body && IsSummary(body) && body.Contains($"turn {runs} ", StringComparison.Ordinal))) summarised++;
        }

        Assert.True(summarised >= 3, "No run got a summary.");

        var same = await host.PostAsync("/v1/sessions/s/replay");
        WriteCandidate(setup, chain => chain.Single(e => (string?)e!["Plugin"] == "compaction")!["Options"]!["MaxTokens"] = 100_000);
        var other = await host.PostAsync("/v1/sessions/s/replay", new JsonObject { ["config"] = "candidate.json" });

        Assert.True(same.Json.GetProperty("different").GetInt32() == 0, same.Json.GetRawText());
        Assert.Equal(runs, same.Json.GetProperty("same").GetInt32());
        // The plugin is asked when its options are others: it gives the summary of now to all runs.
        Assert.True(other.Json.GetProperty("different").GetInt32() > 0, other.Json.GetRawText());

        static bool IsSummary(string body) => body.Contains("Summary of the earlier part of this conversation", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_chain_shows_what_the_model_would_have_been_sent_and_changes_nothing()
    {
        using var setup = Create("""{ "Plugin": "memory" }""");
        await using var host = await OutcomeHost.StartAsync(setup);
        await host.RunAsync("s", "nothing to mask");
        await host.RunAsync("s", "write to ann@example.org");
        var (sent, session) = (host.Model.Requests.Count, (await host.GetAsync("/v1/sessions/s")).Json.GetRawText());
        WriteCandidate(setup, chain => chain.Add(new JsonObject { ["Plugin"] = "redaction" }));

        var answer = await host.PostAsync("/v1/sessions/s/replay", new JsonObject { ["config"] = "candidate.json" });

        Assert.True(answer.Status == 200, answer.Json.GetRawText());
        Assert.Equal(["same", "different"], answer.Json.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("result").GetString()));
        var difference = Assert.Single(answer.Json.GetProperty("runs")[1].GetProperty("differences").EnumerateArray());
        Assert.Equal("messages", difference.GetProperty("part").GetString());
        Assert.Contains("ann@example.org", difference.GetProperty("recorded")[0].GetRawText());
        Assert.Contains("[email]", difference.GetProperty("replayed")[0].GetRawText());
        Assert.Equal(sent, host.Model.Requests.Count);
        Assert.Equal(session, (await host.GetAsync("/v1/sessions/s")).Json.GetRawText());
        Assert.Equal(["assistant"], (await host.GetAsync("/v1/agents")).Json.GetProperty("data").EnumerateArray().Select(a => a.GetProperty("name").GetString()));
        Assert.Single((await host.GetAsync("/v1/generations")).Json.GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task A_narrower_window_of_the_candidate_shows()
    {
        using var setup = Create("");
        await using var host = await OutcomeHost.StartAsync(setup);
        for (var turn = 0; turn < 3; turn++) await host.RunAsync("s", $"turn {turn}");
        WriteCandidate(setup, chain => chain[0]!["Host"] = new JsonObject { ["Window"] = 2 });

        var answer = await host.PostAsync("/v1/sessions/s/replay", new JsonObject { ["config"] = "candidate.json" });

        Assert.Equal(["same", "same", "different"], answer.Json.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("result").GetString()));
        Assert.Equal(2, answer.Json.GetProperty("runs")[2].GetProperty("differences")[0].GetProperty("recorded").GetArrayLength());
    }

    [Theory]
    [InlineData("../other/candidate.json", 400, "invalid-request")]
    [InlineData("/etc/passwd", 400, "invalid-request")]
    [InlineData("missing.json", 400, "invalid-request")]
    [InlineData("a\0.json", 400, "invalid-request")]
    [InlineData("wrong.json", 422, "configuration-invalid")]
    public async Task A_configuration_is_a_good_file_beside_the_hosts_own(string file, int status, string slug)
    {
        using var setup = Create("");
        await using var host = await OutcomeHost.StartAsync(setup);
        await host.RunAsync("s", "hi");
        setup.Folder.Write("config/wrong.json", """{ "Agents": { "assistant": { "Chain": [ { "Plugin": "no-such-plugin" } ] } } }""");

        (await host.PostAsync("/v1/sessions/s/replay", new JsonObject { ["config"] = file })).IsProblem(status, slug);

        (await host.RunAsync("s", "still there")).Run("text");
    }

    [Fact]
    public async Task Only_admins_replay()
    {
        using var setup = new OutcomeSetup("sqlite") { Keys = [ApiKey.Create("key-of-caller", "default", isAdmin: false)] };
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Http.DefaultRequestHeaders.Authorization = new("Bearer", "key-of-caller");
        await host.RunAsync("s", "hi");

        (await host.PostAsync("/v1/sessions/s/replay")).IsProblem(403, "forbidden");
    }

    private static OutcomeSetup Create(string behind) => new("sqlite")
    {
        Behind = behind,
        Agent = "\"Instructions\": \"Be brief.\"",
        Root = "\"Explain\": { \"RunsPerSecond\": 1000000, \"TenantBytes\": 1000000000, \"Bytes\": 1000000000 }",
    };

    private static void WriteCandidate(OutcomeSetup setup, Action<JsonArray> change)
    {
        var file = Path.Combine(setup.Folder.Path, "config");
        var configuration = JsonNode.Parse(File.ReadAllText(Path.Combine(file, "appsettings.json")))!;
        change(configuration["Agents"]!["assistant"]!["Chain"]!.AsArray());
        File.WriteAllText(Path.Combine(file, "candidate.json"), configuration.ToJsonString());
    }

    /// <summary>Completed, with tools, with tools of the caller, failed, broken off, cancelled.</summary>
    private static async Task RunAsync(OutcomeHost host, int number)
    {
        var session = $"s{(number % 2 == 0 ? 0 : number % Sessions)}";
        switch (number % 6)
        {
            case 1:
                host.Model.Enqueue(new ModelReply { ToolCalls = [new("c1", "remember", $$"""{"fact":"fact {{number}}"}"""), new("c2", "forget", """{"fact":"none"}""")] });
                host.Model.Enqueue(new ModelReply { ToolCalls = [new("c1", "remember", """{"fact":"one more"}""")] });
                break;
            case 2:
                host.Model.Enqueue(new ModelReply { Status = 500 });
                break;
            case 3:
                host.Model.Enqueue(new ModelReply { EndEarly = true });
                break;
            case 4:
                await CancelAsync(host, session, number);
                return;
            case 5:
                host.Model.Enqueue(new ModelReply { ToolCalls = [new("c3", "weather", """{"city":"Rome"}""")] });
                break;
        }

        var body = new JsonObject { ["input"] = $"message {number} of ann@example.org", ["options"] = new JsonObject { ["temperature"] = 0.1 * (number % 5) } };
        if (number % 6 == 5) body["options"]!["tools"] = new JsonArray(new JsonObject { ["name"] = "weather" });
        await host.PostAsync($"/v1/sessions/{session}/runs", body);
    }

    private static async Task CancelAsync(OutcomeHost host, string session, int number)
    {
        var hold = new Hold();
        host.Model.Enqueue(new ModelReply { AfterFirstPiece = hold });
        var id = await host.BeginAsync(session, $"message {number}");
        await hold.Reached;
        await host.CancelAsync(session, id);
        hold.Release();
    }
}
