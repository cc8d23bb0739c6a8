using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.ModelClients;
using PluginHost.Telemetry.Spans;
using PluginHost.Tests.Engine;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Plugins;

public sealed class CancelledBuildTests
{
    [Fact]
    public async Task A_cancelled_build_leaves_no_plugin_behind_that_holds_a_file()
    {
        using var setup = new OutcomeSetup("sqlite") { Echo = true };
        await using var engine = new TestEngine(ScriptedModel.Saying("hello"), []);
        using var clients = new BuiltInChatClients(NullLoggerFactory.Instance, TimeProvider.System);
        using var telemetry = new PluginTelemetry();
        var paths = new HostPaths(setup.Folder.Path, OutcomeSetup.HostFolder);
        var loaded = HostSetup.Load(setup.Write("http://127.0.0.1:1"), new Dictionary<string, string>(), [], paths);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await BuildAsync(new CancellationToken(canceled: true)));

        // A store that is still open refuses a second owner of its file.
        var built = await BuildAsync(CancellationToken.None);
        Assert.Equal("assistant", Assert.Single(built.Chains).Agent.Name);
        await built.RetireAsync(TimeSpan.Zero, null, engine.Caller);

        ValueTask<ChainSet> BuildAsync(CancellationToken cancellationToken) =>
            new ChainSetFactory(
                new PluginActivator(new PluginServices(telemetry.CreateContext, engine.Caller) { Paths = paths }), new ChatClients(clients), engine.Caller, NullLoggerFactory.Instance)
            .BuildAsync(loaded.Loaded.Configuration!, loaded.Catalog, [], cancellationToken);
    }
}
