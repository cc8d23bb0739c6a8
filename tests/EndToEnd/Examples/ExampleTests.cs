using System.Text.RegularExpressions;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd.Examples;

/// <summary>The programs in examples/ against the built host. Their output is what examples/README.md shows.</summary>
[Trait("Form", "Long")]
public sealed class ExampleTests
{
    private static readonly string Folder = Path.Combine(BuildOutputs.RepositoryRoot, "examples");

    private static readonly string Page = File.ReadAllText(Path.Combine(Folder, "README.md"));

    [ProgramFact("python3")]
    public Task The_client_in_Python_survives_a_connection_that_breaks() => CheckClientAsync(["python3", Path.Combine(Folder, "python", "client.py")]);

    [NodeFact]
    public Task The_client_in_TypeScript_survives_a_connection_that_breaks() => CheckClientAsync([Programs.Node!, Path.Combine(Folder, "typescript", "client.ts")]);

    [Fact]
    public async Task The_client_in_CSharp_survives_a_connection_that_breaks()
    {
        using var folder = new WorkFolder();
        folder.Write("client.cs", File.ReadAllText(Path.Combine(Folder, "csharp", "client.cs")));
        await using var build = ChildProcess.Start(
            [], folder.Path, ["build", "client.cs", "-o", "out", "--disable-build-servers", "-p:NuGetAudit=false"], ("MSBUILDDISABLENODEREUSE", "1"));
        Assert.True(await build.ExitAsync(TimeSpan.FromMinutes(3)) == 0, build.Transcript);
        await CheckClientAsync(["dotnet", folder["out/client.dll"]]);
        await CheckIdAsync(["dotnet", folder["out/client.dll"]]);
        await CheckProxyAsync(["dotnet", folder["out/client.dll"]]);
    }

    [ProgramFact("python3")]
    public Task The_client_in_Python_sends_a_run_once_when_a_proxy_refuses_it() => CheckProxyAsync(["python3", Path.Combine(Folder, "python", "client.py")]);

    [NodeFact]
    public Task The_client_in_TypeScript_sends_a_run_once_when_a_proxy_refuses_it() => CheckProxyAsync([Programs.Node!, Path.Combine(Folder, "typescript", "client.ts")]);

    [ProgramFact("python3")]
    public Task An_id_leads_the_client_in_Python_to_no_other_session() => CheckIdAsync(["python3", Path.Combine(Folder, "python", "client.py")]);

    [NodeFact]
    public Task The_client_in_TypeScript_is_led_to_no_other_session_by_an_id() => CheckIdAsync([Programs.Node!, Path.Combine(Folder, "typescript", "client.ts")]);

    [ProgramFact("python3")]
    public async Task The_client_in_Python_tries_again_when_it_is_to_wait_until_a_date()
    {
        using var folder = new WorkFolder();
        var headers = new Dictionary<string, string> { ["Retry-After"] = "Wed, 21 Oct 2026 07:28:00 GMT" };
        await using var proxy = await FakeModel.StartAsync(new ModelReply { Status = 503, Body = "Busy.", Headers = headers });
        proxy.Default = new ModelReply { Status = 404, Body = "Not here." };
        await using var program = ChildProcess.StartProgram(
            ["python3", Path.Combine(Folder, "python", "client.py")],
            folder.Path,
            ("PLUGINHOST_URL", new Uri(proxy.Endpoint).GetLeftPart(UriPartial.Authority)),
            ("PYTHONDONTWRITEBYTECODE", "1"));

        Assert.NotEqual(0, await program.ExitAsync());
        Assert.Equal(2, proxy.Requests.Count);
    }

    [ProgramFact("python3")]
    public async Task Two_agents_share_a_session_and_an_audit_keeps_what_was_sent()
    {
        using var folder = WorkFolder.Create(File.ReadAllText(Path.Combine(Folder, "two-agents", "appsettings.json")));
        await using var host = await RunningHost.StartAsync(folder);

        Assert.Equal(Shown("two-agents"), await RunAsync(folder, ["python3", Path.Combine(Folder, "two-agents", "talk.py")], ("PLUGINHOST_URL", host.Address)));
    }

    [ProgramFact("python3")]
    public async Task Tenants_do_not_see_each_other()
    {
        using var folder = WorkFolder.Create(File.ReadAllText(Path.Combine(Folder, "tenants", "appsettings.json")));
        (string, string)[] keys = [("ACME_KEY", "the-key-of-acme"), ("GLOBEX_KEY", "the-key-of-globex")];
        await using var host = await RunningHost.StartAsync(folder, keys);

        Assert.Equal(Shown("tenants"), await RunAsync(folder, ["python3", Path.Combine(Folder, "tenants", "talk.py")], [.. keys, ("PLUGINHOST_URL", host.Address)]));
    }

    private static async Task CheckClientAsync(string[] command)
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder);
        await using var network = new BreakingConnection(host);

        Assert.Equal(Shown("client"), await RunAsync(folder, command, ("PLUGINHOST_URL", network.Address), ("SESSION", "example"), ("PYTHONDONTWRITEBYTECODE", "1")));

        // No retry has run anything twice: 4 runs, and the one that answered the call of the tool.
        Assert.Equal(5, (await host.Api.ListRunsAsync("example")).Count);
        Assert.Equal(10, (await host.Api.ListMessagesAsync("example")).Count);
        Assert.True(network.Broken >= 4, $"Only {network.Broken} connections broke.");
    }

    /// <summary>A server that answers each request with a page, as a proxy does whose host has failed.</summary>
    private static async Task CheckProxyAsync(string[] command)
    {
        using var folder = new WorkFolder();
        await using var proxy = await FakeModel.StartAsync();
        proxy.Default = new ModelReply { Status = 502, Body = "<h1>Bad gateway</h1>" };
        await using var program = ChildProcess.StartProgram(
            command, folder.Path, ("PLUGINHOST_URL", new Uri(proxy.Endpoint).GetLeftPart(UriPartial.Authority)), ("PYTHONDONTWRITEBYTECODE", "1"));

        Assert.NotEqual(0, await program.ExitAsync());
        Assert.Single(proxy.Requests);
        Assert.Contains("Status 502", program.Errors, StringComparison.Ordinal);
    }

    private static async Task CheckIdAsync(string[] command)
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder);
        await using var program = ChildProcess.StartProgram(
            command, folder.Path, ("PLUGINHOST_URL", host.Address), ("SESSION", "mine/../example"), ("PYTHONDONTWRITEBYTECODE", "1"));

        Assert.NotEqual(0, await program.ExitAsync());
        Assert.Empty(await host.Api.ListAsync("/v1/sessions"));
    }

    private static async Task<string> RunAsync(WorkFolder folder, string[] command, params (string Name, string Value)[] variables)
    {
        await using var program = ChildProcess.StartProgram(command, folder.Path, variables);
        Assert.True(await program.ExitAsync() == 0, program.Transcript);
        return program.Output;
    }

    private static string Shown(string title) => Regex.Match(Page, $"```text title=\"{title}\"\n(.+?)```", RegexOptions.Singleline).Groups[1].Value;
}
