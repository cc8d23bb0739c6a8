namespace PluginHost.Mcp.Tests;

/// <summary>How changes of a server's list of tools are taken over.</summary>
public sealed class ListTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, Secret> Key = new() { ["X-Key"] = new("open") };

    [Fact]
    public async Task A_list_that_changes_is_taken_over_though_a_thousand_notices_come()
    {
        await using var agent = Agent.Create(Servers.Stdio());
        Assert.False(await agent.HasToolAsync("new_one"));
        Assert.Equal("grown", await agent.TextOfAsync("grow", new { name = "new_one" }));
        await Servers.UntilAsync(() => agent.HasToolAsync("new_one"));
        Assert.Equal("new_one", await agent.TextOfAsync("new_one"));
    }

    /// <summary>The clock stands still, so that the list is not read at the interval.</summary>
    [Fact]
    public async Task A_program_that_sends_notices_to_subscribers_alone_is_subscribed_to()
    {
        await using var agent = Agent.Create(Servers.Stdio(), clock: new ObservedClock());
        Assert.False(await agent.HasToolAsync("new_one"));
        Assert.Equal("grown", await agent.TextOfAsync("grow_quietly", new { name = "new_one" }));
        await Servers.UntilAsync(() => agent.HasToolAsync("new_one"));
    }

    [Fact]
    public async Task A_server_with_sessions_sends_changes_over_its_stream()
    {
        using var server = await Servers.StartHttpAsync("old");
        await using var agent = Agent.Create(new McpServerOptions(Endpoint: server.Address, Headers: Key), clock: new ObservedClock());
        Assert.NotEqual("none", await agent.TextOfAsync("session"));
        Assert.Equal("grown", await agent.TextOfAsync("grow_quietly", new { name = "new_one" }));
        await Servers.UntilAsync(() => agent.HasToolAsync("new_one"));
    }

    [Fact]
    public async Task A_subscription_over_HTTP_brings_changes_and_shows_at_once_that_the_server_has_ended()
    {
        using var server = await Servers.StartHttpAsync("subscriptions");
        var clock = new ObservedClock();
        await using var agent = Agent.Create(new McpServerOptions(Endpoint: server.Address, Headers: Key), clock: clock);
        Assert.Equal("grown", await agent.TextOfAsync("grow_quietly", new { name = "new_one" }));
        await Servers.UntilAsync(() => agent.HasToolAsync("new_one"));
        // The pause after a notice.
        await PassAsync(clock, TimeSpan.FromSeconds(1));
        server.Stop();
        await AssertGoneAsync(agent);
    }

    [Fact]
    public async Task The_list_of_a_server_without_notices_is_read_at_an_interval()
    {
        using var server = await Servers.StartHttpAsync();
        var clock = new ObservedClock();
        await using var agent = Agent.Create(new McpServerOptions(Endpoint: server.Address, Headers: Key, ConnectTimeout: TimeSpan.FromMinutes(10)), clock: clock);
        Assert.Equal("grown", await agent.TextOfAsync("grow_quietly", new { name = "new_one" }));
        Assert.False(await agent.HasToolAsync("new_one"));
        await PassAsync(clock, Interval);
        await Servers.UntilAsync(() => agent.HasToolAsync("new_one"));
    }

    [Fact]
    public async Task A_server_at_an_address_that_ends_without_a_sign_is_missed_at_the_interval()
    {
        using var server = await Servers.StartHttpAsync();
        var clock = new ObservedClock();
        await using var agent = Agent.Create(new McpServerOptions(Endpoint: server.Address, Headers: Key, ConnectTimeout: TimeSpan.FromMinutes(10)), clock: clock);
        Assert.True(await agent.HasToolAsync("add"));
        server.Stop();
        Assert.True(await agent.HasToolAsync("add"));
        await PassAsync(clock, Interval);
        await AssertGoneAsync(agent);
    }

    [Fact]
    public async Task A_call_that_finds_no_server_at_the_address_shows_that_it_has_ended()
    {
        using var server = await Servers.StartHttpAsync();
        await using var agent = Agent.Create(new McpServerOptions(Endpoint: server.Address, Headers: Key), clock: new ObservedClock());
        Assert.True(await agent.HasToolAsync("add"));
        server.Stop();
        await agent.TextOfAsync("add", new { a = 2, b = 3 });
        await AssertGoneAsync(agent);
    }

    private static async Task PassAsync(ObservedClock clock, TimeSpan time)
    {
        await Servers.UntilAsync(() => Task.FromResult(clock.Timers.Contains(time)));
        clock.Advance(time);
    }

    private static async Task AssertGoneAsync(Agent agent)
    {
        await Servers.UntilAsync(async () => !await agent.HasToolAsync("add"));
        var (_, instructions, run) = await agent.LookAsync();
        Assert.Equal(("The tools of 'habits' are not available at present.", RunOutcome.Completed), (instructions, run.Outcome));
        Assert.Contains("'habits': It cannot be reached.", (await agent.Provider.CheckHealthAsync(CancellationToken.None)).Text, StringComparison.Ordinal);
    }
}
