using System.Net;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Http.Access;

namespace PluginHost.Tests.Api;

public sealed class AccessTests
{
    private static readonly ServerConfiguration WithKeys = new() { Listen = ["http://127.0.0.1:0"], Keys = ["first-key", "second-key"] };

    [Theory]
    [InlineData("/v1/agents")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/nowhere")]
    public async Task Without_a_key_a_request_is_refused_with_the_cure(string path)
    {
        await using var host = await ApiHost.StartAsync(WithKeys);
        var answer = await host.Http.GetAsync(path);
        await answer.ProblemAsync(401, "unauthorized");
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
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
