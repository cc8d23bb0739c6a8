using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;
using PluginHost.ModelClients;
using PluginHost.Telemetry.Spans;

namespace PluginHost.Tests.Plugins;

/// <summary>A separate plugin folder with some of the fixture plugins in it, and what it takes to use them.</summary>
internal sealed class PluginFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PluginTelemetry _telemetry = new();
    private readonly PluginCallScheduler _scheduler = new(NullLogger.Instance);

    public PluginFixture(params IEnumerable<string> plugins)
    {
        Directory.CreateDirectory(PluginFolder);
        foreach (var plugin in plugins) Add(plugin);
        Activator = new(Services);
    }

    public string Folder => _folder.Path;

    public string PluginFolder => Path.Combine(_folder.Path, "plugins");

    public HostPaths Paths => new(_folder.Path, _folder.Path);

    public PluginServices Services => new(_telemetry.CreateContext, Caller) { Paths = Paths };

    public PluginCaller Caller => field ??= new(HostObserver.None, TimeProvider.System, _scheduler);

    public PluginActivator Activator { get; }

    /// <summary>Drops a fixture plugin in, in a folder of the same name unless given.</summary>
    public string Add(string plugin, string? into = null)
    {
        var source = Path.Combine(AppContext.BaseDirectory, "fixtures", plugin);
        var target = Path.Combine(into ?? PluginFolder, plugin);
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return target;
    }

    public string Write(string name, string text) => _folder.Write(name, text);

    public PluginCatalog Discover() => PluginCatalog.Discover([PluginFolder]);

    /// <summary>What is wrong, in the order of its paths.</summary>
    public IReadOnlyList<string> DiscoveryErrors() => [.. Discover().Errors.Select(e => e.ToString()).Order(StringComparer.Ordinal)];

    /// <summary>Configuration and plugins, found as the host finds them.</summary>
    public HostSetup Load(string json, IReadOnlyDictionary<string, string>? environment = null, PluginCache? cache = null) =>
        HostSetup.Load(Write("config/appsettings.json", json), environment ?? new Dictionary<string, string>(), [], Paths, cache: cache);

    /// <summary>The same with the plugins of another host's folder.</summary>
    public HostSetup LoadWith(string baseDirectory, string json) =>
        HostSetup.Load(Write("config/appsettings.json", json), new Dictionary<string, string>(), [], new HostPaths(Folder, baseDirectory), ChatClients.Validate);

    /// <summary>A setup whose only agent has a chain.</summary>
    public HostSetup LoadChain(string entries) => Load($$"""{ "Agents": { "a": { "Chain": [ {{entries}} ] } } }""");

    /// <summary>The entries of the only agent's chain, which must be good.</summary>
    public IReadOnlyList<PluginEntry> Chain(string entries)
    {
        var setup = LoadChain(entries);
        Assert.Empty(setup.Errors);
        return setup.Configuration!.Agents["a"].Chain;
    }

    public void Dispose()
    {
        _telemetry.Dispose();
        _scheduler.Dispose();
        _folder.Dispose();
    }
}
