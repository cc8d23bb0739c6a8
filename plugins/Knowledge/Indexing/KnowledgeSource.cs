using PluginHost.Knowledge.Documents;
using PluginHost.Knowledge.Embeddings;
using PluginHost.Knowledge.Folders;
using PluginHost.Sdk;

namespace PluginHost.Knowledge.Indexing;

/// <summary>A folder with the settings that decide what is in its index. Other settings make another index. Immutable.</summary>
/// <param name="Template">The folder.</param>
/// <param name="Chunker">How its documents are cut.</param>
/// <param name="MaxFileBytes">The size above which a file is skipped.</param>
/// <param name="Key">Identifies all of this in the index.</param>
internal sealed record IndexedFolder(FolderTemplate Template, Chunker Chunker, int MaxFileBytes, string Key);

/// <summary>The folders of one entry, and how far their index is. Thread-safe.</summary>
internal sealed class KnowledgeSource
{
    /// <summary>Increase it when documents are read differently, so that all are indexed again.</summary>
    private const int ReaderVersion = 1;

    private volatile IndexState _state = new(IsComplete: false, Done: 0, Total: null, Trouble: null, EmbeddingTrouble: null);

    public KnowledgeSource(KnowledgeOptions options, PluginContext context, EmbeddingClient? embeddings)
    {
        (Interval, Embeddings) = (options.Pause, embeddings);
        var chunker = new Chunker(options.ChunkChars, options.OverlapChars);
        Folders =
        [
            .. options.Folders.Select(f => FolderTemplate.Parse(f, context.ResolvePath)).Select(t => new IndexedFolder(
                t, chunker, options.MaxFileBytes,
                $"{ReaderVersion}\n{options.ChunkChars}\n{options.OverlapChars}\n{options.MaxFileBytes}\n{t.Root}\n{(t.IsPerTenant ? $"/{t.BelowTenant}" : "")}")),
        ];
    }

    public IReadOnlyList<IndexedFolder> Folders { get; }

    public TimeSpan Interval { get; }

    public EmbeddingClient? Embeddings { get; }

    public IndexState State
    {
        get => _state;
        set => _state = value;
    }
}

/// <summary>How far an index is. Immutable.</summary>
/// <param name="IsComplete">Whether all folders have been looked at since the start.</param>
/// <param name="Done">How many new or changed documents were indexed in this pass.</param>
/// <param name="Total">How many there are; null while that is not known.</param>
/// <param name="Trouble">Why a folder or the index cannot be used; null when they can.</param>
/// <param name="EmbeddingTrouble">Why passages cannot be embedded; null when they can.</param>
internal sealed record IndexState(bool IsComplete, int Done, int? Total, string? Trouble, string? EmbeddingTrouble);
