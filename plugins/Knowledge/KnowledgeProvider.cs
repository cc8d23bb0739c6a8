using System.Globalization;
using Microsoft.Extensions.AI;
using PluginHost.Knowledge.Embeddings;
using PluginHost.Knowledge.Indexing;
using PluginHost.Knowledge.Search;
using PluginHost.Sdk;

namespace PluginHost.Knowledge;

/// <summary>
/// Gives the model passages of documents: the best ones for the caller's message, or a tool to search for them. The documents are indexed in the
/// background; a run gets what is indexed so far.
/// </summary>
public sealed class KnowledgeProvider : IContextProvider, IPluginLifecycle, IPluginHealth
{
    private readonly KnowledgeOptions _options;
    private readonly PluginContext _context;
    private readonly KnowledgeMetrics _metrics;
    private readonly KnowledgeIndex _index;
    private readonly KnowledgeSource _source;
    private readonly QueryEmbeddings? _queries;
    private readonly AIFunction[] _tools;

    /// <summary>Creates an instance; called by the host.</summary>
    /// <param name="options">The options.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="StorageException">The file with the index cannot be used.</exception>
    public KnowledgeProvider(KnowledgeOptions options, PluginContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        (_options, _context) = (options, context);
        _metrics = context.Share("metrics", () => new KnowledgeMetrics(context));
        _index = context.Share("index", () => new KnowledgeIndex(context, _metrics));
        var embeddings = options.Embeddings is { } server ? new EmbeddingClient(server, context, _metrics) : null;
        _queries = embeddings is null ? null : new QueryEmbeddings(embeddings, context);
        _source = new KnowledgeSource(options, context, embeddings);
        _tools = options.Mode == KnowledgeMode.Tool ? [new SearchTool(SearchAsync)] : [];
    }

    /// <summary>Begins to index the folders in the background. The host does not wait for it.</summary>
    /// <param name="cancellationToken">Cancelled when the start is cancelled.</param>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _index.Queue.Add(_source);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask StopAsync(CancellationToken cancellationToken)
    {
        _index.Queue.Remove(_source);
        return default;
    }

    /// <inheritdoc/>
    public async ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (_tools.Length > 0) return new ContextContribution { Tools = _tools };
        var text = string.Join('\n', request.Input.Where(m => m.Role == ChatRole.User).Select(m => m.Text)).Trim();
        if (text.Length == 0) return ContextContribution.Empty;
        var passages = await FindAsync(text, request.Session.Key.Tenant, cancellationToken);
        return passages.Count == 0 ? ContextContribution.Empty : new ContextContribution { Messages = [Excerpts.ToMessage(passages, _options.MaxChars)] };
    }

    /// <inheritdoc/>
    public ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        var state = _source.State;
        string?[] texts =
        [
            state.Trouble,
            state.EmbeddingTrouble is { } reason ? $"Passages cannot be embedded, and are found by full text alone: {reason}" : null,
            state is { IsComplete: false, Total: { } total }
                ? string.Create(CultureInfo.InvariantCulture, $"Documents are being indexed: {state.Done} of {total}. Runs get what is indexed so far.")
                : null,
        ];
        var text = string.Join(' ', texts.OfType<string>());
        return new(text.Length == 0 ? PluginHealth.Healthy : PluginHealth.Degraded(text));
    }

    /// <summary>Looks at the folders now, for tests.</summary>
    /// <returns>Completes when the index is up to date.</returns>
    internal Task RefreshAsync() => _index.Queue.AskAsync(_source);

    /// <summary>The best passages for a text that a tenant may see.</summary>
    internal async Task<IReadOnlyList<Passage>> FindAsync(string text, string tenant, CancellationToken cancellationToken)
    {
        using var span = _context.ActivitySource.StartActivity("knowledge.search");
        var began = _context.TimeProvider.GetTimestamp();
        var vector = _queries is null ? null : await _queries.EmbedAsync(text, cancellationToken);
        var query = new ChunkQuery(text, new ScopeFilter(_index.Scopes.FindFor(_source, tenant)), _options.MaxChunks, _source.Embeddings?.ModelKey, vector);
        var passages = await _index.Search.FindAsync(query, cancellationToken);
        _metrics.RecordSearch(_context.TimeProvider.GetElapsedTime(began), vector is not null);
        span?.SetTag("pluginhost.knowledge.passages", passages.Count).SetTag("pluginhost.knowledge.search", vector is null ? "text" : "hybrid");
        return passages;
    }

    private async Task<string?> SearchAsync(string query, string tenant, CancellationToken cancellationToken)
    {
        var passages = await FindAsync(query, tenant, cancellationToken);
        return passages.Count == 0 ? null : Excerpts.ToText(passages, _options.MaxChars);
    }
}
