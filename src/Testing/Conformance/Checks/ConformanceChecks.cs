using System.Reflection;

namespace PluginHost.Sdk.Testing.Conformance.Checks;

/// <summary>
/// The rules of one kind of plugin as named cases, without a test framework. A case is a public method with a <see cref="CaseAttribute"/>. An
/// object runs one case, in a new folder.
/// </summary>
/// <param name="create">Creates the plugin, always with the same files below the context's folder.</param>
internal abstract class ConformanceChecks<TPlugin>(Func<PluginContext, TPlugin> create) : IAsyncDisposable
    where TPlugin : class
{
    private TestPluginContext? _context;
    private TPlugin? _plugin;
    private bool _hasStarted;

    protected static CancellationToken None => CancellationToken.None;

    /// <summary>The folder of the case.</summary>
    protected TestFolder Folder { get; } = new();

    /// <summary>
    /// Whether a store that is not in its folder holds a text: the path of the folder, and the text. Null for a store whose files are searched.
    /// </summary>
    public Func<string, string, bool>? FindContent { get; init; }

    /// <summary>The plugin under test.</summary>
    protected TPlugin Plugin => _plugin!;

    /// <summary>Runs a case.</summary>
    /// <exception cref="ConformanceException">The plugin breaks the rule.</exception>
    /// <exception cref="ArgumentException">There is no such case.</exception>
    public async Task RunAsync(string name)
    {
        var (_, method, arguments) = ConformanceCases.Find(GetType()).FirstOrDefault(c => c.Name == name);
        if (method is null) throw new ArgumentException($"There is no case '{name}'.", nameof(name));
        await OpenAsync();
        try
        {
            await (Task)method.Invoke(this, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
        }
        catch (Exception e) when (e is not ConformanceException)
        {
            throw new ConformanceException($"{name}: {e.Message}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Whether the store holds a text.</summary>
    protected bool HoldsContent(string text) => FindContent is null ? Folder.Contains(text) : FindContent(Folder.Store, text);

    /// <summary>Closes the plugin and opens a new one on the same folder, like a restart of the host.</summary>
    protected async Task ReopenAsync()
    {
        await CloseAsync();
        await OpenAsync();
    }

    private async Task OpenAsync()
    {
        _context = new TestPluginContext("tested", Folder.Store);
        _plugin = create(_context);
        if (_plugin is IResourceHandover handover) await handover.AcquireAsync(None);
        if (_plugin is IPluginLifecycle lifecycle) await lifecycle.StartAsync(None);
        _hasStarted = true;
    }

    private async Task CloseAsync()
    {
        if (_hasStarted && _plugin is IPluginLifecycle lifecycle) await lifecycle.StopAsync(None);
        if (_plugin is IResourceHandover handover) await handover.ReleaseAsync(None);
        if (_plugin is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync();
        else if (_plugin is IDisposable disposable) disposable.Dispose();
        if (_context is not null) await _context.DisposeAsync();
        (_plugin, _context, _hasStarted) = (null, null, false);
    }
}
