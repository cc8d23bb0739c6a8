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
    public async Task A_list_that_changes_is_taken_over_though_a_thousand_notices_come()
    {
        await using var agent = Agent.Create(Servers.Stdio());
        Assert.False(await agent.HasToolAsync("new_one"));
        Assert.Equal("grown", await agent.TextOfAsync("grow", new { name = "new_one" }));
        await Servers.UntilAsync(() => agent.HasToolAsync("new_one"));
        Assert.Equal("new_one", await agent.TextOfAsync("new_one"));
    }
}
