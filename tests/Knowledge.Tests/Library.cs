using System.Diagnostics.Metrics;
using PluginHost.Knowledge.Search;

namespace PluginHost.Knowledge.Tests;

/// <summary>An agent with the plugin on a folder of documents. Another one on the same folder is the next process.</summary>
internal sealed class Library : IAsyncDisposable
{
    private readonly TestChain _chain;
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _counts = [];
    private bool _wasStarted, _wasRun;

    public Library(KnowledgeOptions? options = null, string? folder = null, TimeProvider? time = null)
    {
        Context = new TestPluginContext("knowledge", folder) { Clock = time ?? TimeProvider.System };
        Directory.CreateDirectory(Path.Combine(Context.Folder, "documents"));
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == Context.Meter) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Count(tags.Length > 0 ? $"{tags[0].Value}" : instrument.Name, value));
        _listener.Start();
        Plugin = new KnowledgeProvider(options ?? new KnowledgeOptions(["documents"]), Context);
        _chain = TestChain.Create(Plugin);
        _chain.Contexts = [Context];
    }

    public TestPluginContext Context { get; }

    public KnowledgeProvider Plugin { get; }

    public ModelScript Model { get; init; } = ScriptedModel.Say("ok");

    /// <summary>Called with each count: <c>indexed</c>, <c>removed</c>, <c>skipped</c>, or the name of a metric.</summary>
    public Action<string, long>? Counted { get; set; }

    /// <summary>A count since the start.</summary>
    public long this[string count]
    {
        get
        {
            lock (_counts) return _counts.GetValueOrDefault(count);
        }
    }

    public IEnumerable<string> Warnings => Context.Logs.Where(l => l.Level == Microsoft.Extensions.Logging.LogLevel.Warning).Select(l => l.Message);

    public string PathOf(string name) => Path.Combine(Context.Folder, "documents", name);

    public void Write(string name, string text) => WriteBytes(name, System.Text.Encoding.UTF8.GetBytes(text));

    public void WriteBytes(string name, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllBytes(PathOf(name), bytes);
    }

    /// <summary>Until the index has what the folder has now.</summary>
    public async Task RefreshAsync()
    {
        if (!_wasStarted) await Plugin.StartAsync(default);
        _wasStarted = true;
        await Plugin.RefreshAsync().WaitAsync(TimeSpan.FromMinutes(5));
    }

    public async Task<IReadOnlyList<Passage>> FindAsync(string text, string tenant = "default") => await Plugin.FindAsync(text, tenant, default);

    /// <summary>The paths of the documents that are found.</summary>
    public async Task<string> PathsAsync(string text, string tenant = "default") =>
        string.Join(' ', (await FindAsync(text, tenant)).Select(p => p.Path).Distinct());

    public async Task<string?> HealthAsync() => (await Plugin.CheckHealthAsync(default)).Text;

    public Task<TestRun> RunAsync(string text)
    {
        if (!_wasRun) _chain.Model = Model;
        _wasRun = true;
        return _chain.RunAsync(text);
    }

    public async ValueTask DisposeAsync()
    {
        await _chain.DisposeAsync();
        await Context.DisposeAsync();
        _listener.Dispose();
    }

    private void Count(string name, long value)
    {
        lock (_counts) _counts[name] = _counts.GetValueOrDefault(name) + value;
        Counted?.Invoke(name, value);
    }
}
