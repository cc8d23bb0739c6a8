using System.Net;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.Access;

public sealed class BrowserTests
{
    private static readonly ServerConfiguration Open = new() { Listen = ["http://127.0.0.1:0"] };

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:1234", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.5.5.5:80", true)]
    [InlineData("[::1]:5080", true)]
    [InlineData("agents.lan", true)]
    [InlineData("Agents.LAN:8080", true)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("192.168.0.7", false)]
    [InlineData("0.0.0.0", false)]
    public async Task Without_keys_a_request_has_to_be_addressed_to_this_machine(string name, bool allowed)
    {
        await using var host = await ApiHost.StartAsync(Open with { AllowedHosts = ["agents.lan"] });
        using var answer = await host.GetAsync("/v1/agents", null, ("Host", name));
        if (allowed) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        else Assert.Contains("Server:AllowedHosts", (await answer.ProblemAsync(421, "host-not-allowed")).GetProperty("detail").GetString());
        using var health = await host.GetAsync("/health/live", null, ("Host", name));
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task With_keys_any_host_name_is_allowed_unless_names_are_configured()
    {
        await using var host = await ApiHost.StartAsync(Open with { Keys = ["k"] });
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/v1/agents", "k", ("Host", "agents.example"))).StatusCode);
        await using var named = await ApiHost.StartAsync(Open with { Keys = ["k"], AllowedHosts = ["agents.example"] });
        Assert.Equal(HttpStatusCode.OK, (await named.GetAsync("/v1/agents", "k", ("Host", "agents.example"))).StatusCode);
        await (await named.GetAsync("/v1/agents", "k", ("Host", "other.example"))).ProblemAsync(421, "host-not-allowed");
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Sec-Fetch-Site", "none", true)]
    [InlineData("Origin", "https://evil.example", false)]
    [InlineData("Origin", "http://127.0.0.1:1", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("Origin", "http://localhost", true)]
    [InlineData("User-Agent", "curl", true)]
    public async Task Without_keys_a_request_of_another_sites_page_is_refused(string header, string value, bool allowed)
    {
        await using var host = await ApiHost.StartAsync(Open);
        using var answer = await host.PostAsync("/v1/sessions", null, """{"id":"s"}""", ("Host", "localhost"), (header, value));
        if (allowed) Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        else await answer.ProblemAsync(403, "cross-site-request");
        using var read = await host.GetAsync("/v1/sessions/s", null);
        Assert.Equal(allowed ? HttpStatusCode.OK : HttpStatusCode.NotFound, read.StatusCode);
    }

    [Fact]
    public async Task A_valid_key_proves_that_no_page_forged_the_request()
    {
        await using var host = await ApiHost.StartAsync(Open with { Keys = ["k"] });
        using var answer = await host.PostAsync("/v1/sessions", "k", "{}", ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }
}
