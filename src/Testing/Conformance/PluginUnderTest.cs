using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Sdk.Testing.Conformance;

/// <summary>What a case makes of the plugin: instances that use one folder after the other. Disposing deletes the folder.</summary>
internal sealed class PluginUnderTest(string name, Func<PluginContext, object> create) : IAsyncDisposable
{
    /// <summary>A run that takes longer than this hangs.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("pluginhost-conformance-").FullName;
    private readonly List<TestPluginContext> _contexts = [];

    /// <summary>The kinds of the plugin, from an instance that is made for that alone.</summary>
    public IReadOnlyList<PluginKind> FindKinds()
    {
        var context = new TestPluginContext(name, _folder);
        _contexts.Add(context);
        return PluginKind.From(create(context).GetType());
    }

    /// <summary>A chain with a new instance. Chains of one plugin must not be used at the same time.</summary>
    /// <param name="model">The model; null for the plugin's.</param>
    public TestChain CreateChain(IChatClient? model = null)
    {
        var context = new TestPluginContext(name, _folder);
        _contexts.Add(context);
        var chain = TestChain.Create(create(context));
        chain.Model = model;
        chain.Contexts = [context];
        return chain;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts) await context.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
