using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Http.Errors;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.Access;

/// <summary>Who has no key cannot fill the log.</summary>
public sealed class RefusalLogTests
{
    [Fact]
    public async Task Refusals_without_a_known_sender_are_limited_in_the_log_and_counted()
    {
        var time = new FakeTimeProvider();
        var server = new ServerConfiguration { Listen = ["http://127.0.0.1:0"], Keys = [ApiKey.Create("a", "acme", false)] };
        await using var host = await ApiHost.StartAsync(server, s => s.AddSingleton<TimeProvider>(time));
        for (var i = 0; i < RefusalLines.PerMinute + 25; i++) await (await host.GetAsync("/v1/agents", i % 2 == 0 ? null : "wrong")).ProblemAsync(401, "unauthorized");
        Assert.Equal(RefusalLines.PerMinute, host.Log.Of("unauthorized").Count);

        // Callers with a key are not affected.
        await (await host.GetAsync("/v1/sessions/none", "a")).ProblemAsync(404, "session-not-found");
        Assert.Single(host.Log.Of("session-not-found"));

        time.Advance(TimeSpan.FromMinutes(1));
        await (await host.GetAsync("/v1/agents", null)).ProblemAsync(401, "unauthorized");
        Assert.Single(host.Log.Of("25 lines about refused requests without a known sender were left out"));
        Assert.Equal(RefusalLines.PerMinute + 1, host.Log.Of("unauthorized").Count);
    }
}
