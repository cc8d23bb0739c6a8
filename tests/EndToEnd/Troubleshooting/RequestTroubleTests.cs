namespace PluginHost.EndToEnd.Troubleshooting;

/// <summary>Requests that are refused, as the page of troubleshooting has them.</summary>
public sealed class RequestTroubleTests
{
    private const string Hi = """{"input":"hi"}""";
    private static readonly (string, string) ForeignName = ("Host", "ai.example.com");

    [Fact]
    public async Task Refusals_of_a_host_as_it_ships_are_on_the_page()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder);
        await host.RunRawAsync("ada", Hi, ("Idempotency-Key", "one"));

        TroubleshootingPage.Check("400: not JSON", await host.RunRawAsync("ada", """{"input":"""));
        TroubleshootingPage.Check("403: a web page", await host.RunRawAsync("ada", Hi, ("Origin", "https://ai.example.com")));
        TroubleshootingPage.Check(
            "404: no such agent",
            await host.RunRawAsync("ada", """{"agent":"unknown","input":"hi"}"""),
            await host.SendRawAsync("POST", "/v1/chat/completions", """{"model":"gpt-4","messages":[{"role":"user","content":"hi"}]}"""));
        TroubleshootingPage.Check("409: transcript-diverged", await host.RunRawAsync(
            "ada", """{"input":[{"role":"user","content":"hi"},{"role":"assistant","content":"something else"},{"role":"user","content":"and"}]}"""));
        TroubleshootingPage.Check("415: the content type", await host.SendRawAsync("POST", "/v1/sessions/ada/runs", Hi, "application/x-www-form-urlencoded"));
        TroubleshootingPage.Check("421: another host", await host.RunRawAsync("ada", Hi, ForeignName));
        TroubleshootingPage.Check("422: the idempotency key", await host.RunRawAsync("ada", """{"input":"other"}""", ("Idempotency-Key", "one")));
        TroubleshootingPage.Check("A trace is not kept", await host.SendRawAsync("GET", "/v1/traces/run_unknown"));
        Assert.Contains("\"completed\"", await host.RunRawAsync("ada", """{"input":"other"}""", ("Idempotency-Key", "two")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_is_in_use_or_removed_is_on_the_page()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder);
        await host.Api.RunAsync("ada", "hi");

        TroubleshootingPage.Check("The data is in use", (await RunningHost.RunAsync(folder, [])).Errors);
        string[] second = [.. new[] { "history", "sessions" }.Select(n => TroubleshootingPage.Cure("The data is in use", $"--Plugins:sqlite-{n}:Path=data/second.db"))];
        Assert.Equal(0, (await RunningHost.RunAsync(folder, ["trace", "hi", .. second])).Code);

        File.Delete(folder["data/sessions.db"]);
        TroubleshootingPage.Check("503: storage", await host.RunRawAsync("ada", Hi));
    }

    [Fact]
    public async Task Refusals_of_keys_are_on_the_page_and_its_cures_let_the_requests_in()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(
            folder,
            (TroubleshootingPage.Cure("401: the key", "PLUGINHOST_API_KEY"), "the-callers-key"),
            (TroubleshootingPage.Cure("403: admin", "PLUGINHOST_ADMIN_KEY"), "the-admins-key"));
        (string, string) caller = ("Authorization", "Bearer the-callers-key");

        TroubleshootingPage.Check("401: the key", await host.RunRawAsync("ada", Hi), await host.RunRawAsync("ada", Hi, ("X-Api-Key", "another")));
        TroubleshootingPage.Check("403: admin", await host.SendRawAsync("POST", "/v1/reload", headers: caller));
        Assert.Contains("\"completed\"", await host.RunRawAsync("ada", Hi, caller, ForeignName, ("Origin", "https://ai.example.com")), StringComparison.Ordinal);
        Assert.Contains("\"generation\":2", await host.SendRawAsync("POST", "/v1/reload", headers: ("X-Api-Key", "the-admins-key")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cures_of_names_let_the_requests_in()
    {
        using var folder = WorkFolder.Create(
            "{ \"Agents\": { \"assistant\": { \"" + TroubleshootingPage.Cure("404: no such agent", "Aliases") + "\": [ \"gpt-4\" ] } } }");
        await using var host = await RunningHost.StartAsync(folder, (TroubleshootingPage.Cure("421: another host", "Server__AllowedHosts__0"), ForeignName.Item2));

        var answer = await host.SendRawAsync(
            "POST", "/v1/chat/completions", """{"model":"gpt-4","messages":[{"role":"user","content":"hi"}]}""", headers: ForeignName);

        Assert.Contains("Echo: hi", answer, StringComparison.Ordinal);
        TroubleshootingPage.Check("A session is empty after a restart", host.Output);
    }
}
