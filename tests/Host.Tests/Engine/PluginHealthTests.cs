using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

public sealed class PluginHealthTests
{
    [Fact]
    public async Task A_degraded_plugin_shows_and_leaves_the_host_ready_and_an_unhealthy_one_does_not()
    {
        using var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(model,
        [
            Plugin(new Reporting(() => PluginHealth.Healthy), "well"),
            Plugin(new Reporting(() => PluginHealth.Degraded("The cache '/var/cache/facts' is cold.")), "slow"),
            Plugin(new Reporting(() => PluginHealth.Unhealthy("The index is locked.")), "locked"),
            Plugin(new Reporting(() => throw new InvalidOperationException("broken")), "broken"),
            Plugin(new Reporting(() => null!), "silent"),
        ]);

        var found = await engine.Readiness.CheckAsync(default);

        Assert.Equal([("slow", "The cache 'facts' is cold.")], found.Degraded.Select(d => (d.Path, d.Message)));
        Assert.Equal(["locked", "broken", "silent"], found.Unhealthy.Select(u => u.Path));
        Assert.Equal("The index is locked.", found.Unhealthy[0].Message);
    }

    private sealed class Reporting(Func<PluginHealth> health) : IContextProvider, IPluginHealth
    {
        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(ContextContribution.Empty);

        public ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken) => new(health());
    }
}
