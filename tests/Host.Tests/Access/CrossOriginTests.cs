using System.Net;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Api;
using PluginHost.Tests.Configuration;

namespace PluginHost.Tests.Access;

public sealed class CrossOriginTests
{
    private const string App = "https://app.example";

    private static readonly ServerConfiguration Open = new() { Listen = ["http://127.0.0.1:0"], AllowedOrigins = [App, "http://localhost:3000"] };
    private static readonly ServerConfiguration WithKeys = Open with { Keys = ["k"] };

    [Fact]
    public async Task A_preflight_of_an_allowed_origin_is_answered_without_a_key()
    {
        await using var host = await ApiHost.StartAsync(WithKeys);
        using var answer = await PreflightAsync(host, App, "authorization, content-type, x-stainless-os");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(App, Header(answer, "Access-Control-Allow-Origin"));
        Assert.Equal("GET, POST, PATCH, DELETE", Header(answer, "Access-Control-Allow-Methods"));
        Assert.Equal("authorization, content-type, x-stainless-os", Header(answer, "Access-Control-Allow-Headers"));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("https://app.example.evil.example")]
    [InlineData("http://app.example")]
    [InlineData("https://app.example:8443")]
    [InlineData("null")]
    [InlineData("*")]
    public async Task Other_origins_get_no_permission(string origin)
    {
        await using var host = await ApiHost.StartAsync(WithKeys);
        using var preflight = await PreflightAsync(host, origin, "authorization");
        Assert.Equal(HttpStatusCode.Unauthorized, preflight.StatusCode);
        using var answer = await host.GetAsync("/v1/agents", "k", ("Origin", origin));
        foreach (var each in new[] { preflight, answer }) Assert.False(each.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Answers_and_refusals_can_be_read_by_an_allowed_origin_and_need_a_key_all_the_same()
    {
        await using var host = await ApiHost.StartAsync(WithKeys);
        using var answer = await host.GetAsync("/v1/agents", "k", ("Origin", App));
        using var refused = await host.GetAsync("/v1/agents", null, ("Origin", App));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (answer.StatusCode, refused.StatusCode));
        foreach (var each in new[] { answer, refused }) Assert.Equal((App, "Origin"), (Header(each, "Access-Control-Allow-Origin"), Header(each, "Vary")));
        Assert.Contains("ETag", Header(answer, "Access-Control-Expose-Headers"));
    }

    [Fact]
    public async Task A_host_without_keys_takes_requests_of_allowed_origins_alone()
    {
        await using var host = await ApiHost.StartAsync(Open);
        foreach (var (origin, status) in new[] { (App, HttpStatusCode.Created), ("http://localhost:3000", HttpStatusCode.Created), ("https://evil.example", HttpStatusCode.Forbidden) })
        {
            using var answer = await host.PostAsync("/v1/sessions", null, "{}", ("Host", "localhost"), ("Origin", origin), ("Sec-Fetch-Site", "cross-site"));
            Assert.Equal(status, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Without_the_setting_no_origin_is_answered()
    {
        await using var host = await ApiHost.StartAsync(Open with { AllowedOrigins = [] });
        using var answer = await host.GetAsync("/v1/agents", null, ("Origin", App));
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.False(answer.Headers.Contains("Vary"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await PreflightAsync(host, App, "x", "none")).StatusCode);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("https://*.example")]
    [InlineData("https://app.example/")]
    [InlineData("https://app.example/path")]
    [InlineData("https://app.example:443")]
    [InlineData("https://user@app.example")]
    [InlineData("app.example")]
    [InlineData("file:///x")]
    [InlineData("null")]
    public void Only_exact_origins_are_allowed(string origin)
    {
        using var fixture = new ConfigurationFixture();
        Assert.Contains(
            fixture.Errors($$"""{ "Agents": { "a": {} }, "Server": { "AllowedOrigins": [ "{{origin}}" ] } }"""),
            e => e.StartsWith("Server:AllowedOrigins:0", StringComparison.Ordinal) && e.Contains("https://app.example", StringComparison.Ordinal));
    }

    private static async Task<HttpResponseMessage> PreflightAsync(ApiHost host, string origin, string headers, string site = "cross-site")
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/sessions");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", site);
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", "POST");
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Headers", headers);
        return await host.Http.SendAsync(request);
    }

    private static string Header(HttpResponseMessage answer, string name) => string.Join(", ", answer.Headers.GetValues(name));
}
