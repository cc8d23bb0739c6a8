using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Hosting;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;
using PluginHost.ModelClients;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Plugins;

/// <summary>When the host takes watched folders over by itself.</summary>
public sealed class PluginWatcherTests : IDisposable
{
    private readonly PluginFixture _fixture = new();
    private readonly PluginCache _cache = new();

    public void Dispose()
    {
        _cache.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public async Task What_has_changed_during_the_start_is_taken_over()
    {
        var file = _fixture.Compile("Clock", $$"""[assembly: Plugin("clock", typeof(Clock))] public sealed class Clock : IContextProvider { {{PluginCompiler.Provides}} }""");
        var setup = Load();
        Assert.Empty(setup.Errors);
        await using var engine = new TestEngine(ScriptedModel.Saying("hello"), []);
        using var clients = new BuiltInChatClients(NullLoggerFactory.Instance, TimeProvider.System);
        var factory = new ChainSetFactory(_fixture.Activator, new ChatClients(clients), _fixture.Caller, NullLoggerFactory.Instance);
        var runtime = new HostRuntime(
            setup, Load, _ => { }, factory, engine.Chains, engine.Engine, engine.Hosts, _fixture.Caller, NullLogger<HostRuntime>.Instance);
        await runtime.StartAsync(CancellationToken.None, takesRunsOver: false);
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(file)!, "later.txt"), "changed");

        using var watcher = new PluginWatcher(runtime, TimeProvider.System, NullLogger<PluginWatcher>.Instance);
        await watcher.StartAsync(CancellationToken.None);

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (runtime.Generations.Count < 2)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal(GenerationCause.Watch, runtime.Generations[0].Cause);
        await watcher.StopAsync(CancellationToken.None);
        await runtime.StopPluginsAsync();
    }

    private HostSetup Load() =>
        _fixture.Load("""{ "Agents": { "a": { "Chain": [ { "Plugin": "clock" } ] } }, "PluginLoading": { "Watch": true } }""", cache: _cache);
}
