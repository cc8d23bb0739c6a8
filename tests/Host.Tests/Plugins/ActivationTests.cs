using System.Runtime.Loader;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Plugins.Activation;
using PluginHost.Sdk;

namespace PluginHost.Tests.Plugins;

public sealed class ActivationTests
{
    private static async Task<PluginInstance> Activate(ActivationScope scope, PluginEntry entry)
    {
        var instance = await scope.ActivateAsync(entry, "a");
        Assert.Empty(scope.Errors);
        return instance!;
    }

    [Fact]
    public async Task Each_plugin_has_a_separate_load_context_with_private_libraries_and_shared_contracts()
    {
        using var fixture = new PluginFixture("Library1Plugin", "Library2Plugin");
        var entries = fixture.Chain("""{ "Plugin": "library-1" }, { "Plugin": "library-2" }""");
        var scope = fixture.Activator.Begin(fixture.Discover());

        var first = await Activate(scope, entries[0]);
        var second = await Activate(scope, entries[1]);

        var request = new RunRequest { Session = new(new("t", "s")), RunId = "r", Agent = "a", Input = [], Output = RunOutput.Create((_, _) => default) };
        Assert.Equal("library-1: version 1", (await first.Context!.ProvideAsync(request, default)).Instructions);
        Assert.Equal("library-2: version 2", (await second.Context!.ProvideAsync(request, default)).Instructions);
        var contexts = new[] { first, second }.Select(i => AssemblyLoadContext.GetLoadContext(i.Plugin.GetType().Assembly)!).ToList();
        Assert.NotSame(contexts[0], contexts[1]);
        Assert.All(contexts, c => Assert.False(c.IsCollectible));
        Assert.All(contexts, c => Assert.DoesNotContain(c.Assemblies, a => a.GetName().Name is "PluginHost.Sdk" or "PluginHost.Sdk.Stores"));
    }

    [LinuxFact]
    public async Task A_plugin_that_brings_its_own_sqlite_gets_the_hosts_and_one_native_library_is_mapped()
    {
        using var fixture = new PluginFixture("SqliteCarrierPlugin");
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection("Data Source=:memory:")) connection.Open();

        var instance = await Activate(fixture.Activator.Begin(fixture.Discover()), fixture.Chain("""{ "Plugin": "sqlite-carrier" }""")[0]);

        Assert.NotNull(instance.Context);
        var mapped = File.ReadLines("/proc/self/maps").Where(l => l.Contains("sqlite3", StringComparison.Ordinal) && l.EndsWith(".so", StringComparison.Ordinal));
        Assert.Single(mapped.Select(l => l[l.IndexOf('/', StringComparison.Ordinal)..]).Distinct());
    }

    [Fact]
    public async Task Several_failures_are_all_reported_and_what_was_made_is_disposed()
    {
        using var fixture = new PluginFixture("ThrowingPlugin", "GoodPlugin");
        var entries = fixture.Chain("""
            { "Plugin": "good-history" }, { "Plugin": "throwing" }, { "Plugin": "throwing", "Name": "second", "Options": { "At": "share" } },
            { "Plugin": "throwing", "Name": "third", "Options": { "At": "disposal" } }
            """);
        var scope = fixture.Activator.Begin(fixture.Discover());
        var good = await scope.ActivateAsync(entries[0], "a");
        foreach (var entry in entries.Skip(1)) await scope.ActivateAsync(entry, "a");

        var exception = await Assert.ThrowsAsync<StartupException>(async () => await scope.ThrowIfFailedAsync(DisposeAsync));

        var file = Path.Combine(fixture.PluginFolder, "ThrowingPlugin", "ThrowingPlugin.dll");
        Assert.Equal(3, exception.Errors.Count);
        Assert.StartsWith($"Agents:a:Chain:1: The constructor of plugin 'throwing' ({file}) failed: InvalidOperationException: The constructor of throwing is broken.", exception.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Contains("The share is broken.", exception.Errors[1].Message, StringComparison.Ordinal);
        Assert.Contains("Agents:a:Chain:3: The clean-up of plugin 'throwing'", exception.Errors[2].ToString(), StringComparison.Ordinal);
        Assert.All(exception.Errors, e => Assert.DoesNotContain("   at ", e.ToString(), StringComparison.Ordinal));
        Assert.True((bool)((dynamic)good!.Plugin).Shared.IsDisposed);
        Assert.Empty(scope.Instances);
    }

    [Fact]
    public async Task A_plugin_whose_file_is_gone_by_then_is_a_clear_error()
    {
        using var fixture = new PluginFixture("SlowPlugin");
        var entries = fixture.Chain("""{ "Plugin": "slow" }""");
        var catalog = fixture.Discover();
        Directory.Delete(Path.Combine(fixture.PluginFolder, "SlowPlugin"), recursive: true);
        var scope = fixture.Activator.Begin(catalog);

        Assert.Null(await scope.ActivateAsync(entries[0], "a"));
        Assert.Contains("The load of plugin 'slow'", Assert.Single(scope.Errors).Message, StringComparison.Ordinal);

        fixture.Add("SlowPlugin");
        Assert.NotNull(await fixture.Activator.Begin(catalog).ActivateAsync(entries[0], "a"));
    }

    [Fact]
    public async Task An_assembly_is_loaded_once_and_observed_once_across_configurations()
    {
        using var fixture = new PluginFixture("SlowPlugin");
        var loads = new List<string>();
        var activator = new PluginActivator(fixture.Services with
        {
            ObserveLoad = (folder, load) =>
            {
                loads.Add(folder);
                load();
            },
        });
        var entry = fixture.Chain("""{ "Plugin": "slow" }""")[0];

        var first = await Activate(activator.Begin(fixture.Discover()), entry);
        var second = await Activate(activator.Begin(fixture.Discover()), entry);

        Assert.Same(first.Plugin.GetType(), second.Plugin.GetType());
        Assert.NotSame(first.Plugin, second.Plugin);
        Assert.Equal(["SlowPlugin"], loads);
        Assert.Equal(1, activator.LoadContexts["SlowPlugin"].Count);
    }

    [Fact]
    public async Task The_context_gives_what_it_promises()
    {
        using var fixture = new PluginFixture("GoodPlugin");
        var entry = fixture.Chain("""{ "Plugin": "good-guard", "Name": "door" }""")[0];

        var instance = await Activate(fixture.Activator.Begin(fixture.Discover()), entry);

        PluginContext context = ((dynamic)instance.Plugin).Context;
        Assert.Equal(OnError.Fail, instance.Entry.Host.OnError);
        Assert.Equal(("good-guard", "door", "a"), (context.Plugin, context.Name, context.Agent));
        Assert.Equal("PluginHost.Plugin.good-guard", context.Meter.Name);
        Assert.Equal("PluginHost.Plugin.good-guard", context.ActivitySource.Name);
        Assert.Equal(Path.Combine(fixture.Folder, "x", "y"), context.ResolvePath("x/y"));
        Assert.Equal("/absolute", context.ResolvePath("/absolute"));
        var data = Path.Combine(fixture.Folder, "data", "plugins", "good-guard");
        Assert.False(Directory.Exists(data));
        Assert.Equal(data, context.DataPath);
        Assert.True(Directory.Exists(data));
        var session = new Session(new("t", "s"));
        context.GetState(session).Set(new StateKey<int>("k"), 1);
        Assert.True(session.TryReadState("good-guard/door", new StateKey<int>("k"), out var value));
        Assert.Equal(1, value);
    }

    private static async Task DisposeAsync(IReadOnlyList<PluginInstance> plugins, Action<PluginInstance, Exception> failed)
    {
        foreach (var plugin in plugins.Reverse())
        {
            try
            {
                await plugin.DisposeAsync();
            }
            catch (Exception e)
            {
                failed(plugin, e);
            }
        }
    }
}
