using System.Diagnostics;
using Microsoft.Data.Sqlite;
using PluginHost.Knowledge.Search;
using PluginHost.Knowledge.Storage;
using PluginHost.Sdk;

namespace PluginHost.Knowledge.Indexing;

/// <summary>
/// Keeps the index up to date in the background, as its one writer: the folders of all entries, one after the other, at the start and at their
/// intervals. Thread-safe.
/// </summary>
internal sealed class Indexer : IAsyncDisposable
{
    /// <summary>How long a folder that no entry names stays: a reload may be reverted.</summary>
    private static readonly TimeSpan UnusedFor = TimeSpan.FromDays(1);

    /// <summary>How long nothing is removed after the start: entries start one after the other, and each names its folders when it starts.</summary>
    private static readonly TimeSpan KeepAllFor = TimeSpan.FromHours(1);

    /// <summary>How long vectors of an entry are made before the folders of all are looked at again.</summary>
    private static readonly TimeSpan EmbedFor = TimeSpan.FromSeconds(30);

    /// <summary>After how many documents of a pass the counts of words are made anew.</summary>
    private const int RecountAfter = 500;

    private readonly SkippedFiles _skipped = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly IndexDatabase _database;
    private readonly ScopeMap _scopes;
    private readonly WordCounts _counts;
    private readonly PluginContext _context;
    private readonly KnowledgeMetrics _metrics;
    private readonly Task _loop;
    private readonly long _began;

    public Indexer(IndexDatabase database, ScopeMap scopes, WordCounts counts, PluginContext context, KnowledgeMetrics metrics)
    {
        (_database, _scopes, _counts, _context, _metrics) = (database, scopes, counts, context, metrics);
        Queue = new PassQueue(context.TimeProvider);
        _began = context.TimeProvider.GetTimestamp();
        // The index outlives the call that creates it, and must not be part of its trace.
        using (ExecutionContext.SuppressFlow()) _loop = Task.Run(RunAsync);
    }

    /// <summary>The entries whose folders are kept up to date.</summary>
    public PassQueue Queue { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _metrics.AddChunks(-CountChunks());
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        _metrics.AddChunks(CountChunks());
        try
        {
            while (true)
            {
                var pass = await Queue.TakeAsync(_stop.Token);
                await PassAsync(pass.Source);
                Queue.Complete(pass);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The last entry is gone, or the host stops. The next start indexes the rest.
        }
    }

    private long CountChunks()
    {
        try
        {
            return _database.CountChunks();
        }
        catch (SqliteException)
        {
            // A pass says what is wrong with the file.
            return 0;
        }
    }

    private async Task PassAsync(KnowledgeSource source)
    {
        using var span = _context.ActivitySource.StartActivity("knowledge.index");
        string? trouble = null, embeddingTrouble = null;
        var done = 0;
        try
        {
            foreach (var folder in source.Folders)
            {
                trouble = await UpdateAsync(source, folder, done, span) ?? trouble;
                done = source.State.Done;
            }

            embeddingTrouble = await EmbedAsync(source);
            RemoveUnused();
        }
        catch (Exception e) when (e is not OperationCanceledException || !_stop.IsCancellationRequested)
        {
            // The loop must not end. What failed is tried again.
            trouble = $"The index cannot be updated: {e.Message} Check the disk and the rights of the plugin's data folder.";
            if (source.State.Trouble != trouble) Log.PassFailed(_context.Logger, e.Message);
        }

        span?.SetTag("pluginhost.knowledge.documents", done);
        if (trouble is not null || embeddingTrouble is not null) span?.SetStatus(ActivityStatusCode.Error);
        source.State = new IndexState(IsComplete: true, done, done, trouble, embeddingTrouble);
    }

    /// <returns>Why the folder cannot be read; null when it can.</returns>
    private async Task<string?> UpdateAsync(KnowledgeSource source, IndexedFolder folder, int before, Activity? span)
    {
        var pass = new FolderPass(folder, _database, _scopes, _skipped, _context, _metrics);
        try
        {
            pass.Compare(_stop.Token);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var reason = e is UnauthorizedAccessException ? "The host has no right to read it." : e.Message;
            var trouble = $"The folder '{folder.Template.Configured}' cannot be read: {reason}";
            if (source.State.Trouble != trouble) Log.FolderFailed(_context.Logger, folder.Template.Configured, reason);
            return trouble;
        }

        source.State = source.State with { Done = before, Total = before + pass.Total };
        await pass.ApplyAsync(
            done =>
            {
                source.State = source.State with { Done = before + done };
                if (done % RecountAfter == 0) _counts.Reset();
            },
            _stop.Token);
        if (pass.HasChanged) _counts.Reset();
        return null;
    }

    /// <returns>Why passages cannot be embedded; null when they can.</returns>
    private async Task<string?> EmbedAsync(KnowledgeSource source)
    {
        if (source.Embeddings is not { } client) return null;
        var began = _context.TimeProvider.GetTimestamp();
        try
        {
            foreach (var folder in source.Folders)
            {
                // A reload may take the entry out: then nothing more is sent to its server.
                var isDone = await new VectorPass(folder, _database, client, _context).ApplyAsync(
                    () => _context.TimeProvider.GetElapsedTime(began) < EmbedFor && Queue.Has(source), _stop.Token);
                if (isDone) continue;
                Queue.Repeat(source);
                break;
            }

            return null;
        }
        catch (ModelException e)
        {
            // Everyone may read the state. The server's address is for the log.
            if (source.State.EmbeddingTrouble != e.Message) Log.NotEmbedded(_context.Logger, e.Details ?? e.Message);
            return e.Message;
        }
    }

    private void RemoveUnused()
    {
        // Another entry's folders are in use, also while they are not due.
        var now = _context.TimeProvider.GetUtcNow();
        foreach (var source in Queue.Sources)
        {
            foreach (var folder in source.Folders) _database.UseFolder(folder.Key, now);
            if (source.Embeddings is { } client) _database.UseModel(client.ModelKey, now);
        }

        if (_context.TimeProvider.GetElapsedTime(_began) < KeepAllFor) return;
        while (!_stop.IsCancellationRequested && _database.RemoveUnused(now - UnusedFor) is { } removed) _metrics.AddChunks(-removed);
    }
}
