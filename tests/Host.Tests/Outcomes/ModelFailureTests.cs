using PluginHost.ModelServer;

namespace PluginHost.Tests.Outcomes;

public sealed class ModelFailureTests
{
    private const string Witnesses = """{ "Plugin": "witness" }, { "Plugin": "witness", "Name": "second" }""";

    private readonly Hold _hold = new();

    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Of_a_model_that_fails_at_once_the_input_is_kept_as_failed_and_the_next_run_does_not_see_it(string store)
    {
        using var setup = new OutcomeSetup(store) { Before = Witnesses };
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelReply { Status = 400, Error = "no" });

        var failed = await host.RunAsync("s", "hi");

        failed.IsProblem(502, "run-failed");
        await IsStoredAsFailedAsync(host, failed.Run("run_id", 502), failed.Run("error_type", 502), ["user: hi (failed)"]);
        await host.RunAsync("s", "again");
        Assert.Equal(["user: again"], host.Sent(1));
        Assert.Equal(["user: hi (failed)", "user: again", "assistant: Hello there"], await host.StoredAsync("s", includeFailed: true));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Of_a_model_that_breaks_off_in_the_middle_the_text_was_streamed_and_only_the_input_is_kept(string store)
    {
        using var setup = new OutcomeSetup(store) { Before = Witnesses };
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelReply { AfterFirstPiece = _hold, BreakOff = true });

        using var events = await host.StreamAsync("s", "hi");
        await events.NextAsync();
        Assert.Equal("message.delta", (await events.NextAsync()).Name);
        _hold.Release();
        var last = (await events.RestAsync())[^1];

        Assert.Equal("run.failed", last.Name);
        var error = last.Data.GetProperty("error").GetProperty("type").GetString()!;
        Assert.StartsWith("model_", error, StringComparison.Ordinal);
        await IsStoredAsFailedAsync(host, last.Data.GetProperty("id").GetString()!, error, ["user: hi (failed)"]);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Of_a_model_that_fails_behind_a_tool_the_next_request_is_balanced(string store)
    {
        using var setup = Tools(store, "Throws");
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(Calls("work"));
        host.Model.Enqueue(new ModelReply { Status = 400, Error = "no" });

        var failed = await host.RunAsync("s", "hi");

        await IsStoredAsFailedAsync(host, failed.Run("run_id", 502), failed.Run("error_type", 502), ["user: hi (failed)"]);
        await host.RunAsync("s", "again");
        Assert.Equal(["user: again"], host.Sent(2));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_run_cancelled_behind_a_tool_leaves_the_call_with_its_result(string store)
    {
        using var setup = Tools(store, "Throws");
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(Calls("work"));
        host.Model.Enqueue(new ModelReply { BeforeAnswer = _hold });

        var run = await host.BeginAsync("s", "hi");
        await _hold.Reached;
        Assert.Equal("cancelled", (await host.CancelAsync("s", run)).Run("status"));
        await host.RunAsync("s", "again");

        Assert.Equal(["user: hi", "assistant: [call c1]", "tool: [result c1]done", "user: again"], host.Sent(2));
    }

    [Theory]
    [InlineData("sqlite", "Throws")]
    [InlineData("files", "Throws")]
    [InlineData("sqlite", "NeverReturns")]
    [InlineData("files", "NeverReturns")]
    [InlineData("sqlite", "Blocks")]
    [InlineData("files", "Blocks")]
    public async Task A_tool_that_throws_or_hangs_is_reported_to_the_model_and_the_run_continues(string store, string wrong)
    {
        using var setup = Tools(store, wrong);
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(Calls("fail"));

        var run = await host.RunAsync("s", "hi");

        Assert.Equal("completed", run.Run("status"));
        Assert.StartsWith("tool: [result c1]", host.Sent(1)[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("never", host.Sent(1)[^1], StringComparison.Ordinal);
        Assert.Single(host.Log.Of("witness saw run"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_history_behind_a_plugin_that_failed_before_it_keeps_the_input_too(string store)
    {
        using var setup = new OutcomeSetup(store)
        {
            Before = """{ "Plugin": "witness" }, { "Plugin": "misbehaving-context", "Host": { "OnError": "fail" }, "Options": { "Does": "Throws", "After": 1 } }""",
        };
        await using var host = await OutcomeHost.StartAsync(setup);
        await host.RunAsync("s", "hi");

        var failed = await host.RunAsync("s", "more");

        Assert.Equal("plugin_error", failed.Run("error_type", 500));
        Assert.Equal(["user: hi", "assistant: Hello there", "user: more (failed)"], await host.StoredAsync("s", includeFailed: true));
        Assert.Single(host.Log.Of($"witness saw run {failed.Run("run_id", 500)} end: Failed"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_history_behind_a_middleware_that_failed_before_next_has_nothing_of_the_run_which_can_be_read(string store)
    {
        using var setup = new OutcomeSetup(store) { Before = """{ "Plugin": "misbehaving-middleware", "Host": { "OnError": "fail" }, "Options": { "Does": "ThrowsBefore", "After": 1 } }""" };
        await using var host = await OutcomeHost.StartAsync(setup);
        await host.RunAsync("s", "hi");

        var failed = await host.RunAsync("s", "more");

        Assert.Equal("plugin_error", failed.Run("error_type", 500));
        Assert.Equal(["user: hi", "assistant: Hello there"], await host.StoredAsync("s", includeFailed: true));
        Assert.Equal("failed", (await host.GetAsync($"/v1/sessions/s/runs/{failed.Run("run_id", 500)}")).Run("status"));
    }

    private static async Task IsStoredAsFailedAsync(OutcomeHost host, string run, string errorType, IReadOnlyList<string> stored)
    {
        var record = await host.GetAsync($"/v1/sessions/s/runs/{run}");
        Assert.Equal("failed", record.Run("status"));
        Assert.Equal(errorType, record.Json.GetProperty("error").GetProperty("type").GetString());
        Assert.Empty(await host.StoredAsync("s"));
        Assert.Equal(stored, await host.StoredAsync("s", includeFailed: true));
        Assert.Single(host.Log.Of($"witness saw run {run} end: Failed {errorType}"));
        Assert.All(host.Log.Of($"second saw run {run}"), line => Assert.Contains("Failed", line.Text));
    }

    private static OutcomeSetup Tools(string store, string wrong) => new(store)
    {
        Before = Witnesses,
        Behind = $$"""{ "Plugin": "misbehaving-tools", "Host": { "Timeout": "2s" }, "Options": { "Does": "{{wrong}}" } }""",
    };

    private static ModelReply Calls(string tool) => new() { Text = [], ToolCalls = [new ModelToolCall("c1", tool, "{}")] };
}
