using System.Net;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Http.Access;

namespace PluginHost.Tests.Api;

public sealed class AccessTests
{
    private static readonly ServerConfiguration WithKeys = new() { Listen = ["http://127.0.0.1:0"], Keys = ["first-key", "second-key"] };

    [Fact]
    public async Task Without_a_key_every_endpoint_but_health_refuses_with_the_cure()
    {
        await using var host = await ApiHost.StartAsync(WithKeys);
        string[] endpoints = [.. host.Endpoints.Where(e => !e.StartsWith("GET /health/", StringComparison.Ordinal)), "GET /nowhere", "POST /v1/nothing"];
        foreach (var endpoint in endpoints)
        {
            var (method, path) = (endpoint.Split(' ')[0], endpoint.Split(' ')[1].Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal));
            var answer = await host.SendAsync(new HttpMethod(method), path, method == "GET" ? null : "{}");
            Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{endpoint}: {answer.StatusCode}");
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
            Assert.Contains("API key", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.InRange(endpoints.Length, 30, 100);
    }

    [Theory]
    [InlineData("Authorization", "Bearer second-key", HttpStatusCode.OK)]
    [InlineData("Authorization", "bearer first-key", HttpStatusCode.OK)]
    [InlineData("X-Api-Key", "first-key", HttpStatusCode.OK)]
    [InlineData("X-Api-Key", "first-key2", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "Bearer ", HttpStatusCode.Unauthorized)]
    [InlineData("Authorization", "Basic first-key", HttpStatusCode.Unauthorized)]
    public async Task A_key_is_accepted_in_either_header(string header, string value, HttpStatusCode expected)
    {
        await using var host = await ApiHost.StartAsync(WithKeys);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/agents");
        request.Headers.TryAddWithoutValidation(header, value);
        Assert.Equal(expected, (await host.Http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Health_needs_no_key()
    {
        await using var host = await ApiHost.StartAsync(WithKeys);
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync("/health/live")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync("/health/ready")).StatusCode);
    }

    [Fact]
    public void No_configured_key_means_none_is_required() => Assert.False(new ApiKeys(new ServerConfiguration()).AreRequired);
}
