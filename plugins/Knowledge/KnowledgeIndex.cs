using PluginHost.Knowledge.Indexing;
using PluginHost.Knowledge.Search;
using PluginHost.Knowledge.Storage;
using PluginHost.Sdk;

namespace PluginHost.Knowledge;

/// <summary>The index, which all instances of the plugin share: one file, one writer, some readers. Thread-safe.</summary>
internal sealed class KnowledgeIndex : IAsyncDisposable
{
    private readonly IndexDatabase _database;
    private readonly ReaderPool _readers;
    private readonly Indexer _indexer;
    private readonly WordCounts _counts = new();

    /// <exception cref="StorageException">The file cannot be used.</exception>
    public KnowledgeIndex(PluginContext context, KnowledgeMetrics metrics)
    {
        var path = Path.Combine(context.DataPath, "knowledge.db");
        _database = new IndexDatabase(path);
        Scopes.Load(_database);
        _readers = new ReaderPool(path);
        Search = new ChunkSearch(_readers, _counts);
        _indexer = new Indexer(_database, Scopes, _counts, context, metrics);
    }

    public ScopeMap Scopes { get; } = new();

    public ChunkSearch Search { get; }

    /// <summary>The entries whose folders are kept up to date.</summary>
    public PassQueue Queue => _indexer.Queue;

    public async ValueTask DisposeAsync()
    {
        await _indexer.DisposeAsync();
        _readers.Dispose();
        _database.Dispose();
    }
}
