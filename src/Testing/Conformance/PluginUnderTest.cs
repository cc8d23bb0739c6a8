namespace PluginHost.Sdk.Testing.Conformance;

/// <summary>What a case makes of the plugin: instances that use one folder after the other. Disposing deletes the folder.</summary>
internal sealed class PluginUnderTest(string name, Func<PluginContext, object> create) : IAsyncDisposable
{
    /// <summary>A run that takes longer than this hangs.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("pluginhost-conformance-").FullName;
    private TestPluginContext? _context;

    /// <summary>The type of the plugin, from an instance that is made for that alone.</summary>
    public async Task<Type> FindTypeAsync()
    {
        var context = await CreateContextAsync();
        var plugin = create(context);
        if (plugin is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
        else if (plugin is IDisposable disposable) disposable.Dispose();
        return plugin.GetType();
    }

    /// <summary>A chain with a new instance, after the chain before it was disposed.</summary>
    /// <param name="model">The model; null for the plugin's.</param>
    public async Task<TestChain> CreateChainAsync(IChatClient? model = null)
    {
        var context = await CreateContextAsync();
        var chain = TestChain.Create(create(context));
        chain.Model = model;
        chain.Contexts = [context];
        return chain;
    }

    public async ValueTask DisposeAsync()
    {
        if (_context is not null) await _context.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>What the last instance shared is released first, as the host does.</summary>
    private async Task<TestPluginContext> CreateContextAsync()
    {
        if (_context is not null) await _context.DisposeAsync();
        return _context = new TestPluginContext(name, _folder);
    }
}
