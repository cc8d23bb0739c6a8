using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;

namespace PluginHost.EndToEnd.Troubleshooting;

/// <summary>Starts that fail, as the page of troubleshooting has them.</summary>
public sealed class StartTroubleTests
{
    private const string Shipped = "Agents__assistant__";

    [Fact]
    public async Task Errors_of_the_configuration_are_on_the_page()
    {
        using var folder = WorkFolder.Create("""
            {
              "Agents": { "assistant": { "Chain": [ { "Plugin": "sqlite-history" }, { "Plugin": "memmory" }, { "Plugin": "memory", "Options": { "MaxFacts": "many" } } ] } },
              "Sesions": {},
              "Logging": { "LogLevel": { "Default": "Info" } }
            }
            """);
        var errors = await FailAsync(
            folder, (Shipped + "Model__Endpoint", "http://localhost:11434/v1"), (Shipped + "Chain__0__Plugin", "memory"), ("Server__Listen__0", "https://127.0.0.1:0"));

        TroubleshootingPage.Check("https is not an address", errors);
        TroubleshootingPage.Check("A name is not known", errors, errors);
        TroubleshootingPage.Check("A value has the wrong type", errors);
        TroubleshootingPage.Check("Endpoint is an option of another client", errors);
        TroubleshootingPage.Check("A chain comes from the file alone", errors);
        TroubleshootingPage.Check("A level of the log is not known", errors);
    }

    [Fact]
    public async Task Errors_of_keys_and_histories_are_on_the_page_and_its_cures_remove_them()
    {
        using var folder = WorkFolder.Create(Chain("""{ "Plugin": "sqlite-history" }, { "Plugin": "file-history" }"""));
        (string, string)[] address = [("Server__Listen__0", "http://0.0.0.0:0"), (Shipped + "Model__Client", "openai")];
        var errors = await FailAsync(folder, address);

        TroubleshootingPage.Check("The host may not listen on a public address", errors);
        TroubleshootingPage.Check("Several histories load", errors);
        TroubleshootingPage.Check("OpenAI requires a key", errors);

        var load = TroubleshootingPage.Cure("Several histories load", "\"Host\": { \"Load\": false }");
        folder.Configure(Chain($$"""{ "Plugin": "sqlite-history" }, { "Plugin": "file-history", {{load}} }"""));
        var key = (TroubleshootingPage.Cure("The host may not listen on a public address", "PLUGINHOST_API_KEY"), "a-long-random-text");
        var checkedAgain = await RunningHost.RunAsync(folder, ["check"], [.. address, key, (TroubleshootingPage.Cure("OpenAI requires a key", "OPENAI_API_KEY"), "key")]);
        Assert.Equal((0, ""), (checkedAgain.Code, checkedAgain.Errors));
    }

    [Fact]
    public async Task Files_that_are_missing_or_no_JSON_are_on_the_page()
    {
        using var folder = WorkFolder.Create("{ \"Agents\": ");
        TroubleshootingPage.Check(
            "The configuration is not found, or is not JSON",
            (await RunningHost.RunAsync(folder, ["check", "--config", "nowhere.json"])).Errors,
            (await RunningHost.RunAsync(folder, ["check"])).Errors);
    }

    [Fact]
    public async Task A_port_in_use_is_on_the_page()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        using var folder = WorkFolder.CreateShipped();
        var setting = TroubleshootingPage.Cure("The port is in use", "Server__Listen__0");
        var failed = await RunningHost.RunAsync(folder, [], (setting, $"http://{other.LocalEndpoint}"));

        TroubleshootingPage.Check("The port is in use", failed.Errors);
        await using var host = await RunningHost.StartAsync(folder, (setting, "http://127.0.0.1:0"));
    }

    [Fact]
    public async Task A_damaged_database_is_on_the_page_and_its_cure_keeps_the_file_beside_a_new_one()
    {
        using var folder = WorkFolder.CreateShipped();
        folder.Write("data/sessions.db", string.Concat(Enumerable.Repeat("This is no database. ", 100)));
        var failed = await RunningHost.RunAsync(folder, []);

        TroubleshootingPage.Check("The database is damaged", failed.Errors);
        string[] names = ["Plugins__sqlite-sessions__OnDamage", "Plugins__sqlite-history__OnDamage"];
        var value = TroubleshootingPage.Cure("The database is damaged", "set-aside");
        await using var host = await RunningHost.StartAsync(folder, names.Select(n => (TroubleshootingPage.Cure("The database is damaged", n), value)));
        Assert.Equal("Echo: hi (0 earlier messages)", await host.Api.AskAsync("ada", "hi"));
        // The host holds its lock.
        Assert.Contains(Directory.GetFiles(folder["data"]).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)), f => File.ReadAllBytes(f).AsSpan().StartsWith(Encoding.UTF8.GetBytes("This is no database.")));
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_folder_without_write_access_is_on_the_page()
    {
        using var folder = WorkFolder.CreateShipped();
        Directory.CreateDirectory(folder["closed"]);
        File.SetUnixFileMode(folder["closed"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string[] launcher = Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];
        var failed = await RunningHost.RunAsync(folder, launcher, ["check", "--Plugins:sqlite-history:Path=closed/sessions.db"]);

        TroubleshootingPage.Check("The host has no write access", failed.Errors);
    }

    private static string Chain(string entries) => $$"""{ "Agents": { "assistant": { "Chain": [ {{entries}} ] } } }""";

    private static async Task<string> FailAsync(WorkFolder folder, params (string Name, string Value)[] variables)
    {
        var run = await RunningHost.RunAsync(folder, ["check"], variables);
        StartupFailure.Check(run);
        return run.Errors;
    }
}
