using System.Diagnostics;

namespace PluginHost.Mcp.Tests;

/// <summary>Servers at an address.</summary>
public sealed class HttpTests
{
    private static readonly Dictionary<string, Secret> Key = new() { ["X-Key"] = new("open") };

    [Fact]
    public async Task A_server_is_called_with_the_configured_headers()
    {
        using var server = await Servers.StartHttpAsync();
        await using var agent = Agent.Create(new McpServerOptions(Endpoint: server.Address, Headers: Key));
        Assert.Equal("5", await agent.TextOfAsync("add", new { a = 2, b = 3 }));
    }

    [Fact]
    public async Task A_server_gets_the_id_of_the_trace_and_nothing_that_the_caller_attached_to_it()
    {
        using var server = await Servers.StartHttpAsync();
        await using var agent = Agent.Create(new McpServerOptions(Endpoint: server.Address, Headers: Key));
        using var caller = new Activity("run").SetIdFormat(ActivityIdFormat.W3C).AddBaggage("shop", "north");
        caller.TraceStateString = "vendor=secret";
        caller.Start();

        Assert.Equal("5", await agent.TextOfAsync("add", new { a = 2, b = 3 }));
        caller.Stop();

        var traces = await server.ReadTracesAsync();
        Assert.Contains($"traceparent: 00-{caller.TraceId}-", traces, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", traces, StringComparison.Ordinal);
        Assert.DoesNotContain("north", traces, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_is_too_long_fails_its_call_alone()
    {
        using var server = await Servers.StartHttpAsync();
        await using var agent = Agent.Create(new McpServerOptions(Endpoint: server.Address, Headers: Key));
        Assert.DoesNotContain("xxxx", await agent.TextOfAsync("long", new { length = 40_000_000 }), StringComparison.Ordinal);
        await Servers.UntilAsync(() => agent.HasToolAsync("add"));
        Assert.Equal("5", await agent.TextOfAsync("add", new { a = 2, b = 3 }));
    }

    [Fact]
    public async Task Wrong_credentials_are_named_and_fail_no_run()
    {
        using var server = await Servers.StartHttpAsync();
        await using var agent = Agent.Create(new McpServerOptions(Endpoint: server.Address, Headers: new Dictionary<string, Secret> { ["X-Key"] = new("wrong-key") }));
        var (tools, _, run) = await agent.LookAsync();
        Assert.Empty(tools);
        Assert.Equal(RunOutcome.Completed, run.Outcome);
        var text = (await agent.Provider.CheckHealthAsync(CancellationToken.None)).Text!;
        Assert.Contains("It refused the credentials (status 401). Check Headers or OAuth.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-key", text + string.Join('\n', agent.Logs), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_are_got_with_the_clients_credentials_and_again_when_they_are_refused()
    {
        using var server = await Servers.StartHttpAsync();
        await using var agent = Agent.Create(new McpServerOptions(
            Endpoint: server.Address, OAuth: new McpOAuthOptions(server.TokenEndpoint, "host", new Secret("hush"), "tools")));
        for (var i = 0; i < 5; i++) Assert.Equal($"{i + 1}", await agent.TextOfAsync("add", new { a = i, b = 1 }));
        Assert.True(await server.CountTokensAsync() > 1);
    }

    [Fact]
    public async Task Each_session_has_its_own_server_where_that_is_asked_for_until_it_is_deleted()
    {
        await using var agent = Agent.Create(Servers.Stdio() with { PerSession = true });
        Assert.Equal("1", await agent.TextOfAsync("count", session: "a"));
        Assert.Equal("2", await agent.TextOfAsync("count", session: "a"));
        Assert.Equal("1", await agent.TextOfAsync("count", session: "b"));
        Assert.Equal(1, (await agent.DeleteSessionAsync("a"))["mcp"]);
        Assert.Equal("1", await agent.TextOfAsync("count", session: "a"));
    }

    [Fact]
    public async Task Each_session_has_its_own_session_of_a_server_at_an_address()
    {
        using var server = await Servers.StartHttpAsync("sessions");
        await using var agent = Agent.Create(new McpServerOptions(Endpoint: server.Address, Headers: Key, PerSession: true));
        var first = await agent.TextOfAsync("session", session: "a");
        Assert.NotEqual("none", first);
        Assert.Equal(first, await agent.TextOfAsync("session", session: "a"));
        Assert.NotEqual(first, await agent.TextOfAsync("session", session: "b"));
        Assert.DoesNotContain(agent.Logs, l => l.Message.Contains("has no sessions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_log_says_that_a_server_has_no_sessions_to_give()
    {
        using var server = await Servers.StartHttpAsync();
        await using var agent = Agent.Create(new McpServerOptions(Endpoint: server.Address, Headers: Key, PerSession: true));
        Assert.Equal("none", await agent.TextOfAsync("session", session: "a"));
        Assert.Single(agent.Logs, l => l.Message.Contains("The MCP server 'habits' has no sessions", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_session_that_has_not_called_for_ten_minutes_gets_a_new_connection()
    {
        var clock = new ObservedClock();
        await using var agent = Agent.Create(Servers.Stdio() with { PerSession = true, ConnectTimeout = TimeSpan.FromMinutes(10) }, clock: clock);
        Assert.Equal("1", await agent.TextOfAsync("count", session: "a"));
        await PassFiveMinutesAsync();
        Assert.Equal("2", await agent.TextOfAsync("count", session: "a"));
        for (var i = 0; i < 3; i++) await PassFiveMinutesAsync();
        Assert.Equal("1", await agent.TextOfAsync("count", session: "a"));

        // The list is read at an interval of 30 seconds, which has to be over before the time of the reading is.
        async Task PassFiveMinutesAsync()
        {
            await Servers.UntilAsync(() => Task.FromResult(Waits() > 0));
            var before = Waits();
            clock.Advance(TimeSpan.FromMinutes(5));
            await Servers.UntilAsync(() => Task.FromResult(Waits() > before));
        }

        int Waits() => clock.Timers.Count(t => t == TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Entries_with_the_same_server_share_its_connection()
    {
        using var server = await Servers.StartHttpAsync();
        var options = new McpOptions(Servers.One(new McpServerOptions(Endpoint: server.Address, Headers: Key)));
        await using var first = new TestPluginContext("mcp");
        await using var second = new TestPluginContext("mcp", sharedWith: first);
        var (one, other) = (new McpProvider(options, first), new McpProvider(options, second));
        await one.StartAsync(CancellationToken.None);
        await other.StartAsync(CancellationToken.None);
        Assert.Single(first.Logs.Concat(second.Logs), l => l.Message.StartsWith("Connected to the MCP server", StringComparison.Ordinal));
    }
}
