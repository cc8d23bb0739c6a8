using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Hosting;
using PluginHost.ModelClients;
using PluginHost.Tests.Plugins;

namespace PluginHost.Tests.Engine;

public sealed class JoinedStoreTests : IDisposable
{
    private readonly PluginFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_store_of_a_reload_learns_before_it_serves_which_host_writes()
    {
        // Its health is asked before it serves, and fails while it knows no host.
        _fixture.Compile("Shared", """
            [assembly: Plugin("shared", typeof(SharedSessions))]
            public sealed class SharedSessions : ISharedSessionStore, IPluginHealth
            {
                private string? _host;
                public ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken) =>
                    new(_host is null ? PluginHealth.Unhealthy("It knows no host.") : PluginHealth.Healthy);
                public ValueTask<IReadOnlyList<HostLease>> RenewAsync(HostDescription self, CancellationToken cancellationToken)
                {
                    _host = self.Id;
                    return new((IReadOnlyList<HostLease>)[new HostLease { Host = self, Remaining = HostLease.Duration }]);
                }
                public ValueTask LeaveAsync(string hostId, CancellationToken cancellationToken) => default;
                public ValueTask<HostLease?> ClaimAsync(SessionKey session, string hostId, CancellationToken cancellationToken) => default;
                public ValueTask ReleaseAsync(IReadOnlyList<SessionKey> sessions, string hostId, CancellationToken cancellationToken) => default;
                public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) => new(new Page<SessionRecord> { Items = [], HasMore = false });
                public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) => new(new Page<RunRecord> { Items = [], HasMore = false });
                public ValueTask SaveAsync(SessionSave save, CancellationToken cancellationToken) => default;
                public ValueTask<int> DeleteAsync(SessionKey session, CancellationToken cancellationToken) => new(0);
            }
            """);
        var setup = _fixture.Load("""{ "Agents": { "a": { "Model": { "Client": "echo" } } }, "Sessions": { "Store": { "Plugin": "shared" } } }""");
        Assert.Empty(setup.Errors);
        await using var engine = new TestEngine(ScriptedModel.Saying("hello"), [], store: new SharedStore());
        await engine.Hosts.StartAsync();
        using var clients = new BuiltInChatClients(NullLoggerFactory.Instance, TimeProvider.System);
        var factory = new ChainSetFactory(_fixture.Activator, new ChatClients(clients), _fixture.Caller, NullLoggerFactory.Instance);
        var runtime = new HostRuntime(
            setup, () => setup, _ => { }, factory, engine.Chains, engine.Engine, engine.Hosts, _fixture.Caller, NullLogger<HostRuntime>.Instance);

        Assert.Equal(GenerationCause.Reload, (await runtime.ReloadAsync(GenerationCause.Reload, CancellationToken.None)).Cause);
        await engine.Hosts.LeaveAsync();
        await runtime.StopPluginsAsync();
    }
}
