using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace PluginHost.Mcp.Tests;

/// <summary>The tools of a server, started as a program.</summary>
public sealed class ToolTests
{
    [Fact]
    public async Task A_tool_is_offered_with_its_schema_and_hints_and_called_with_the_models_arguments()
    {
        await using var agent = Agent.Create(Servers.Stdio());
        var (tools, instructions, _) = await agent.LookAsync();
        var add = Assert.IsAssignableFrom<AIFunction>(Assert.Single(tools, t => t.Name == "add"));
        Assert.Equal("Adds two numbers.", add.Description);
        Assert.Equal("integer", add.JsonSchema.GetProperty("properties").GetProperty("a").GetProperty("type").GetString());
        Assert.Equal(true, add.AdditionalProperties["readOnlyHint"]);
        Assert.Equal(true, add.AdditionalProperties["idempotentHint"]);
        Assert.Equal(true, add.AdditionalProperties[RepeatableToolAttribute.Property]);
        var count = Assert.IsAssignableFrom<AIFunction>(Assert.Single(tools, t => t.Name == "count"));
        Assert.False(count.AdditionalProperties.ContainsKey(RepeatableToolAttribute.Property));
        Assert.Equal("Count before you add.", instructions);

        Assert.Equal("5", await agent.TextOfAsync("add", new { a = 2, b = 3 }));
    }

    [Fact]
    public async Task Names_get_the_prefix_and_only_allowed_tools_are_offered()
    {
        await using var agent = Agent.Create(
            Servers.Stdio() with { Prefix = "h_" }, options => options with { Allow = ["add", "habits/co*", "pid"], Deny = ["p*"], Instructions = false });
        var (tools, instructions, _) = await agent.LookAsync();
        Assert.Equal(["h_add", "h_count"], tools.Select(t => t.Name).Order(StringComparer.Ordinal));
        Assert.Null(instructions);
        Assert.Equal("3", await agent.TextOfAsync("h_add", new { a = 1, b = 2 }));
    }

    [Fact]
    public async Task Of_two_servers_with_one_name_of_a_tool_the_second_is_left_out_and_logged()
    {
        await using var agent = Agent.Create(new McpOptions(new Dictionary<string, McpServerOptions>
        {
            ["first"] = Servers.Stdio(),
            ["second"] = Servers.Stdio() with { Prefix = "", Arguments = [.. Servers.Stdio().Arguments!, "again"] },
        }));
        var (tools, _, run) = await agent.LookAsync();
        Assert.Single(tools, t => t.Name == "add");
        Assert.Equal(RunOutcome.Completed, run.Outcome);
        Assert.Contains(agent.Logs, l => l.Message.Contains("'add' of the MCP server 'second'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_long_result_is_cut_with_a_note_and_a_picture_stays_a_picture()
    {
        await using var agent = Agent.Create(Servers.Stdio(), options => options with { MaxResultChars = 1000 });
        var text = await agent.TextOfAsync("long", new { length = 5000 });
        Assert.StartsWith(new string('x', 1000) + "\n[cut: 5000 characters", text);

        var picture = await agent.CallAsync("picture");
        var contents = Assert.IsAssignableFrom<IEnumerable<AIContent>>(picture).ToList();
        Assert.Equal("a dot", Assert.IsType<TextContent>(contents[0]).Text);
        Assert.Equal("image/png", Assert.IsType<DataContent>(contents[1]).MediaType);
    }

    [Fact]
    public async Task What_a_server_says_of_its_failure_reaches_the_model()
    {
        await using var agent = Agent.Create(Servers.Stdio());
        Assert.Equal("The tool failed: no such order", await agent.TextOfAsync("fail"));
        Assert.Equal(["execute_tool fail: tool_error"], agent.LastErrors);
    }

    [Fact]
    public async Task Resources_and_prompts_are_tools_where_they_are_asked_for()
    {
        await using var agent = Agent.Create(Servers.Stdio(), options => options with { Resources = true, Prompts = true, Allow = ["add"] });
        Assert.Contains("habits notes://today today: The notes of today.", await agent.TextOfAsync("list_resources"));
        Assert.Equal("Buy milk.", await agent.TextOfAsync("read_resource", new { uri = "notes://today" }));
        Assert.Contains("habits greet(name (required)): A greeting.", await agent.TextOfAsync("list_prompts"));
        var filled = await agent.TextOfAsync("get_prompt", new { name = "greet", arguments = JsonSerializer.SerializeToElement(new { name = "Ada" }) });
        Assert.Equal("Greet Ada warmly.", filled);
    }

    [Fact]
    public async Task Progress_renews_the_time_of_a_call()
    {
        await using var agent = Agent.Create(Servers.Stdio() with { CallTimeout = TimeSpan.FromSeconds(3) });
        Assert.Equal("done", await agent.TextOfAsync("work", new { steps = 7, milliseconds = 500 }));
        Assert.Contains(agent.Logs, l => l.Message.Contains("step 4", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Progress_and_the_servers_name_are_on_the_span_of_the_call()
    {
        using var source = new ActivitySource("Mcp.Tests");
        using var listener = new ActivityListener { ShouldListenTo = s => s == source, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(listener);
        await using var agent = Agent.Create(Servers.Stdio());
        await agent.LookAsync();
        using var span = source.StartActivity("call")!;

        Assert.Equal("done", await agent.TextOfAsync("work", new { steps = 3, milliseconds = 20 }));

        Assert.Equal("habits", span.GetTagItem("mcp.server"));
        await Servers.UntilAsync(() => Task.FromResult(span.Events.Count() == 3));
        Assert.Equal(["progress 1/3", "progress 2/3", "progress 3/3"], span.Events.Select(e => $"{e.Name} {Value(e, "progress")}/{Value(e, "total")}").Order(StringComparer.Ordinal));

        static object? Value(ActivityEvent e, string name) => e.Tags.Single(t => t.Key == name).Value;
    }

    [Fact]
    public async Task A_connection_has_a_span_with_the_server_and_the_number_of_its_tools()
    {
        var spans = new ConcurrentQueue<Activity>();
        await using var context = new TestPluginContext("mcp");
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s == context.ActivitySource,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await new McpProvider(
            new McpOptions(new Dictionary<string, McpServerOptions> { ["habits"] = Servers.Stdio(), ["away"] = new(Command: "no-such-program") }), context).StartAsync(CancellationToken.None);

        var up = Assert.Single(spans, s => Equals(s.GetTagItem("mcp.server"), "habits"));
        Assert.Equal(("mcp.connect", ActivityStatusCode.Unset), (up.OperationName, up.Status));
        Assert.True(up.GetTagItem("mcp.tools") is > 5);
        // A slow machine has seen a second attempt by now.
        var away = spans.First(s => Equals(s.GetTagItem("mcp.server"), "away"));
        Assert.Equal((ActivityStatusCode.Error, default(string)), (away.Status, away.StatusDescription));
        Assert.EndsWith("Exception", (string?)away.GetTagItem("error.type"), StringComparison.Ordinal);
    }

    /// <summary>A run that waits for an approval has no result of the call.</summary>
    [Theory]
    [InlineData(McpApproval.Changing, "count pid")]
    [InlineData(McpApproval.Destructive, "pid")]
    [InlineData(McpApproval.None, "")]
    public async Task Calls_need_approval_by_the_hints_of_the_tool(McpApproval approval, string waiting)
    {
        await using var agent = Agent.Create(Servers.Stdio(), options => options with { Approve = approval, Resources = true });
        var found = new List<string>();
        foreach (var tool in new[] { "add", "count", "list_resources", "pid" })
        {
            if (await agent.CallAsync(tool, new { a = 1, b = 2 }, session: tool) is null) found.Add(tool);
        }

        Assert.Equal(waiting, string.Join(' ', found));
    }

    [Fact]
    public async Task A_resource_that_does_not_exist_is_no_failure_of_the_plugin_and_the_model_gets_the_servers_words()
    {
        await using var agent = Agent.Create(Servers.Stdio(), options => options with { Resources = true, Prompts = true });
        Assert.Contains("notes://none", await agent.TextOfAsync("read_resource", new { uri = "notes://none" }), StringComparison.Ordinal);
        Assert.Equal(["execute_tool read_resource: tool_error"], agent.LastErrors);
        Assert.Contains("The request failed: ", await agent.TextOfAsync("get_prompt", new { name = "none" }), StringComparison.Ordinal);
        Assert.Equal(["execute_tool get_prompt: tool_error"], agent.LastErrors);
    }

    [Fact]
    public async Task A_resource_that_never_comes_ends_with_the_time_of_a_call()
    {
        await using var agent = Agent.Create(Servers.Stdio() with { CallTimeout = TimeSpan.FromSeconds(1) }, options => options with { Resources = true });
        await agent.TextOfAsync("read_resource", new { uri = "notes://never" });
        Assert.Contains("TimeoutException", Assert.Single(agent.LastErrors), StringComparison.Ordinal);
        Assert.Equal("Buy milk.", await agent.TextOfAsync("read_resource", new { uri = "notes://today" }));
    }

    [Fact]
    public async Task A_server_that_never_lists_is_named_and_the_others_are_listed()
    {
        await using var agent = Agent.Create(new McpOptions(
            new Dictionary<string, McpServerOptions> { ["mute"] = Servers.Stdio("mute") with { Prefix = "m_", CallTimeout = TimeSpan.FromSeconds(1) }, ["notes"] = Servers.Stdio() }, Resources: true));
        var listed = await agent.TextOfAsync("list_resources");
        Assert.Contains("mute: not available", listed, StringComparison.Ordinal);
        Assert.Contains("notes notes://today", listed, StringComparison.Ordinal);
    }
}
