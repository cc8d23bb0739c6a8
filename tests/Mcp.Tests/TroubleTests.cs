namespace PluginHost.Mcp.Tests;

/// <summary>Servers that are missing, hang, die and flood.</summary>
public sealed class TroubleTests
{
    [Fact]
    public async Task A_server_that_cannot_be_started_fails_no_run_and_is_named()
    {
        await using var agent = Agent.Create(new McpServerOptions(Command: "no-such-program"));
        var (tools, instructions, run) = await agent.LookAsync();
        Assert.Empty(tools);
        Assert.Equal("The tools of 'habits' are not available at present.", instructions);
        Assert.Equal(RunOutcome.Completed, run.Outcome);
        var health = await agent.Provider.CheckHealthAsync(CancellationToken.None);
        Assert.True(health.IsReady);
        Assert.Contains("'habits': The program cannot be started. Check Command.", health.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_never_answers_keeps_no_host_from_starting()
    {
        await using var agent = Agent.Create(new McpServerOptions(Command: "sh", Arguments: ["-c", "cat > /dev/null"], ConnectTimeout: TimeSpan.FromMinutes(5)));
        var (tools, instructions, run) = await agent.LookAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(tools);
        Assert.Equal("The tools of 'habits' are not available at present.", instructions);
        Assert.Equal(RunOutcome.Completed, run.Outcome);
    }

    [Fact]
    public async Task What_a_program_wrote_before_it_ended_is_in_the_reason()
    {
        await using var agent = Agent.Create(Servers.Stdio("refuse"));
        await agent.LookAsync();
        Assert.Contains("It wrote: The licence has ended.", (await agent.Provider.CheckHealthAsync(CancellationToken.None)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("die")]
    [InlineData("flood")]
    public async Task A_server_that_dies_or_floods_in_a_call_fails_the_call_alone_and_is_started_again(string habit)
    {
        await using var agent = Agent.Create(Servers.Stdio());
        var before = await agent.TextOfAsync("pid");
        var result = await agent.TextOfAsync(habit);
        Assert.DoesNotContain("xxxx", result, StringComparison.Ordinal);
        await Servers.UntilAsync(() => agent.HasToolAsync("pid"));
        string after;
        do
        {
            await Servers.UntilAsync(() => agent.HasToolAsync("pid"));
            after = await agent.TextOfAsync("pid");
        }
        while (!int.TryParse(after, out _));
        Assert.NotEqual(before, after);
        Assert.Contains(agent.Logs, l => l.Message.Contains("The connection to the MCP server 'habits' ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_call_that_makes_no_progress_is_cancelled_at_the_server()
    {
        var file = Path.GetTempFileName();
        await using var agent = Agent.Create(Servers.Stdio() with { CallTimeout = TimeSpan.FromSeconds(1) });
        await agent.TextOfAsync("hang", new { file });
        await Servers.UntilAsync(async () => await ReadAsync(file) == "cancelled");
        Assert.Equal("5", await agent.TextOfAsync("add", new { a = 2, b = 3 }));
    }

    [Fact]
    public async Task A_run_that_is_cancelled_cancels_the_call_at_the_server()
    {
        var file = Path.GetTempFileName();
        await using var agent = Agent.Create(Servers.Stdio());
        await agent.LookAsync();
        using var stop = new CancellationTokenSource();
        var run = agent.CallAsync("hang", new { file }, cancellationToken: stop.Token);
        await Servers.UntilAsync(async () => await ReadAsync(file) == "begun");
        await stop.CancelAsync();
        try
        {
            await run;
        }
        catch (OperationCanceledException)
        {
            // The caller has gone.
        }

        await Servers.UntilAsync(async () => await ReadAsync(file) == "cancelled");
    }

    [Fact]
    public async Task The_program_gets_only_the_variables_that_it_is_given()
    {
        Environment.SetEnvironmentVariable("MCP_TEST_SECRET_OF_THE_HOST", "x");
        await using var agent = Agent.Create(new McpServerOptions(
            Command: "sh", Arguments: ["-c", "echo \"host:${MCP_TEST_SECRET_OF_THE_HOST:-none} own:$OWN\" >&2; exit 1"],
            Environment: new Dictionary<string, Secret> { ["OWN"] = new("given") }));
        await agent.LookAsync();
        Assert.Contains("host:none own:given", (await agent.Provider.CheckHealthAsync(CancellationToken.None)).Text, StringComparison.Ordinal);
    }

    private static async Task<string> ReadAsync(string file)
    {
        try
        {
            return await File.ReadAllTextAsync(file);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
