using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace PluginHost.Mcp.Tests;

/// <summary>
/// The protocol's own server for trying clients, <c>@modelcontextprotocol/server-everything</c>, over both transports.
/// <c>npm ci</c> in tests/Mcp.Tests/Everything installs it.
/// </summary>
public sealed class EverythingTests
{
    [EverythingFact]
    public async Task The_program_offers_what_it_has_and_answers()
    {
        await using var agent = Create(new McpServerOptions(Command: "node", Arguments: [EverythingServer.Script, "stdio"]));
        await AssertOfferAsync(agent);
        await AssertAnswersAsync(agent);
        await AssertCancelsAsync(agent);
    }

    [EverythingFact]
    public async Task The_server_at_an_address_does_too_and_gives_each_session_its_own()
    {
        using var server = EverythingServer.Start(FreePort());
        await using var agent = Create(new McpServerOptions(Endpoint: server.Address, PerSession: true));
        await Servers.UntilAsync(() => agent.HasToolAsync("echo"));
        await AssertOfferAsync(agent);
        await AssertAnswersAsync(agent);
        await AssertCancelsAsync(agent);

        Assert.Equal("Echo: b", await agent.TextOfAsync("echo", new { message = "b" }, session: "b"));
        // That of the list, and those of the two sessions.
        await Servers.UntilAsync(() => Task.FromResult(server.Count("Session initialized with ID: ") == 3));
        Assert.Equal(1, (await agent.DeleteSessionAsync("b"))["mcp"]);
        await Servers.UntilAsync(() => Task.FromResult(server.Count("Received session termination request for session ") == 1));
    }

    /// <summary>It answers requests of sessions that it does not know with status 400, where the protocol asks for 404.</summary>
    [EverythingFact]
    public async Task Sessions_continue_with_a_server_that_was_started_again()
    {
        var port = FreePort();
        var server = EverythingServer.Start(port);
        try
        {
            await using var agent = Create(new McpServerOptions(Endpoint: server.Address, PerSession: true));
            await Servers.UntilAsync(() => agent.HasToolAsync("echo"));
            Assert.Equal("Echo: 1", await agent.TextOfAsync("echo", new { message = "1" }));
            server.Dispose();
            server = EverythingServer.Start(port);

            await Servers.UntilAsync(async () => await agent.HasToolAsync("echo") && await agent.TextOfAsync("echo", new { message = "2" }) == "Echo: 2");
        }
        finally
        {
            server.Dispose();
        }
    }

    private static Agent Create(McpServerOptions server) => Agent.Create(server, options => options with { Resources = true, Prompts = true });

    private static async Task AssertOfferAsync(Agent agent)
    {
        var (tools, instructions, _) = await agent.LookAsync();
        string[] expected = ["echo", "get-sum", "get-tiny-image", "trigger-long-running-operation", "list_resources", "read_resource", "list_prompts", "get_prompt"];
        Assert.Empty(expected.Except(tools.Select(t => t.Name)));
        Assert.NotEmpty(instructions!);
        var sum = Assert.IsAssignableFrom<AIFunction>(tools.Single(t => t.Name == "get-sum"));
        Assert.Equal((true, false), (sum.AdditionalProperties["readOnlyHint"], sum.AdditionalProperties["destructiveHint"]));
        Assert.Contains("demo://resource/dynamic/text/{resourceId}", await agent.TextOfAsync("list_resources"), StringComparison.Ordinal);
        Assert.Contains("habits args-prompt(city (required), state)", await agent.TextOfAsync("list_prompts"), StringComparison.Ordinal);
    }

    private static async Task AssertAnswersAsync(Agent agent)
    {
        Assert.Equal("Echo: hello", await agent.TextOfAsync("echo", new { message = "hello" }));
        Assert.Contains("5", await agent.TextOfAsync("get-sum", new { a = 2, b = 3 }), StringComparison.Ordinal);
        Assert.Contains("chicago", await agent.TextOfAsync("get-structured-content", new { location = "nowhere" }), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["execute_tool get-structured-content: tool_error"], agent.LastErrors);
        var image = Assert.IsAssignableFrom<IEnumerable<AIContent>>(await agent.CallAsync("get-tiny-image"));
        Assert.Contains(image, c => c is DataContent { MediaType: "image/png", Data.Length: > 100 });
        Assert.Contains("completed", await agent.TextOfAsync("trigger-long-running-operation", new { duration = 0.3, steps = 3 }), StringComparison.Ordinal);
        // The package may drop the last report, which comes with the result.
        await Servers.UntilAsync(() => Task.FromResult(Reports(agent) >= 2));
        Assert.Contains("Resource 1", await agent.TextOfAsync("read_resource", new { uri = "demo://resource/dynamic/text/1" }), StringComparison.Ordinal);
        Assert.Contains("The request failed: ", await agent.TextOfAsync("read_resource", new { uri = "demo://none" }), StringComparison.Ordinal);
        var values = JsonSerializer.SerializeToElement(new { city = "Oslo" });
        Assert.Contains("Oslo", await agent.TextOfAsync("get_prompt", new { name = "args-prompt", arguments = values }), StringComparison.Ordinal);
    }

    /// <summary>The call would take five minutes.</summary>
    private static async Task AssertCancelsAsync(Agent agent)
    {
        var before = Reports(agent);
        using var stop = new CancellationTokenSource();
        var run = agent.CallAsync("trigger-long-running-operation", new { duration = 300, steps = 3000 }, cancellationToken: stop.Token);
        await Servers.UntilAsync(() => Task.FromResult(Reports(agent) > before));
        await stop.CancelAsync();
        Assert.Equal("The call was cancelled.", await run.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal("Echo: again", await agent.TextOfAsync("echo", new { message = "again" }));
    }

    private static int Reports(Agent agent) => agent.Logs.Count(l => l.Message.Contains("reports progress: ", StringComparison.Ordinal));

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

/// <summary>A test that needs Node and the installed server. Where one is missing, the test counts as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EverythingFactAttribute : FactAttribute
{
    public EverythingFactAttribute() => Skip = EverythingServer.Missing;
}

/// <summary>The server at an address of loopback.</summary>
internal sealed class EverythingServer : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private EverythingServer(Process process, int port)
    {
        (_process, Address) = (process, new Uri($"http://127.0.0.1:{port}/mcp"));
        process.OutputDataReceived += (_, line) => _lines.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static string Script { get; } = FindScript();

    /// <summary>Why the server cannot run here; null when it can.</summary>
    public static string? Missing { get; } =
        !File.Exists(Script) ? "server-everything is not installed (npm ci in tests/Mcp.Tests/Everything)."
        : !Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(f => File.Exists(Path.Combine(f, "node")) || File.Exists(Path.Combine(f, "node.exe"))) ? "Node is not installed."
        : null;

    public Uri Address { get; }

    public static EverythingServer Start(int port) => new(
        Process.Start(new ProcessStartInfo("node", [Script, "streamableHttp"]) { Environment = { ["PORT"] = $"{port}" }, RedirectStandardOutput = true, RedirectStandardError = true })!, port);

    /// <summary>How many lines of its output begin with a text.</summary>
    public int Count(string text) => _lines.Count(l => l.StartsWith(text, StringComparison.Ordinal));

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string FindScript([System.Runtime.CompilerServices.CallerFilePath] string file = "") =>
        Path.Combine(Path.GetDirectoryName(file)!, "Everything", "node_modules", "@modelcontextprotocol", "server-everything", "dist", "index.js");
}
