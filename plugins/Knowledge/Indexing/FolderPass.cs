using System.Security.Cryptography;
using PluginHost.Knowledge.Documents;
using PluginHost.Knowledge.Folders;
using PluginHost.Knowledge.Storage;
using PluginHost.Sdk;

namespace PluginHost.Knowledge.Indexing;

/// <summary>Brings the index of one folder up to date. Each document is one transaction, so that a pass continues after a crash.</summary>
/// <param name="folder">The folder.</param>
/// <param name="database">The index.</param>
/// <param name="scopes">The ids of folders and of their tenants.</param>
/// <param name="skipped">What was named as skipped, so that it is named once.</param>
/// <param name="context">Log and clock.</param>
/// <param name="metrics">The metrics.</param>
internal sealed class FolderPass(
    IndexedFolder folder, IndexDatabase database, ScopeMap scopes, SkippedFiles skipped, PluginContext context, KnowledgeMetrics metrics)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(5);

    private readonly List<(long Scope, FoundFile File, KnownDocument? Old)> _changed = [];
    private readonly List<KnownDocument> _gone = [];
    private int _indexed, _skipped, _chunks;
    private long _lastLog = context.TimeProvider.GetTimestamp();

    public int Total => _changed.Count;

    public bool HasChanged => _indexed + _gone.Count > 0;

    private string Name => folder.Template.Configured;

    /// <summary>Looks at the folder.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be read.</exception>
    public void Compare(CancellationToken cancellationToken)
    {
        database.UseFolder(folder.Key, context.TimeProvider.GetUtcNow());
        var found = folder.Template.FindFolders();
        var gone = database.ListScopes(folder.Key).ToDictionary(StringComparer.Ordinal);
        foreach (var (tenant, path) in found)
        {
            gone.Remove(tenant);
            Compare(tenant, path, cancellationToken);
        }

        foreach (var scope in gone.Values) _gone.AddRange(database.ListDocuments(scope).Values);
    }

    /// <summary>Indexes what has changed, and removes what is gone.</summary>
    /// <param name="report">Called with how many documents are done.</param>
    /// <param name="cancellationToken">Ends it between two documents.</param>
    public async Task ApplyAsync(Action<int> report, CancellationToken cancellationToken)
    {
        var began = context.TimeProvider.GetTimestamp();
        var left = _changed.Count;
        metrics.AddPending(left);
        try
        {
            foreach (var document in _gone) Remove(document);
            foreach (var (scope, file, old) in _changed)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await IndexAsync(scope, file, old, cancellationToken);
                metrics.AddPending(-1);
                report(_changed.Count - --left);
                LogProgress(_changed.Count - left);
            }
        }
        finally
        {
            metrics.AddPending(-left);
        }

        if (HasChanged || _skipped > 0)
            Log.Completed(context.Logger, Name, _indexed, _gone.Count, _skipped, context.TimeProvider.GetElapsedTime(began).TotalSeconds);
    }

    private void Compare(string tenant, string path, CancellationToken cancellationToken)
    {
        var scope = scopes.Add(folder.Key, tenant, database.AddScope(folder.Key, tenant, context.TimeProvider.GetUtcNow()));
        var known = new Dictionary<string, KnownDocument>(database.ListDocuments(scope), StringComparer.Ordinal);
        var listing = FolderScan.List(path, followsLinks: !folder.Template.IsPerTenant, cancellationToken);
        foreach (var (part, reason) in listing.Failures) Skip(scope, new FoundFile(part, part, 0, 0), reason);
        foreach (var file in listing.Files)
        {
            var isKnown = known.Remove(file.Path, out var old);
            if (isKnown && old!.Size == file.Size && old.Modified == file.Modified) continue;
            if (!skipped.Has(scope, file)) _changed.Add((scope, file, old));
        }

        if (listing.IsComplete) _gone.AddRange(known.Values);
    }

    private async Task IndexAsync(long scope, FoundFile file, KnownDocument? old, CancellationToken cancellationToken)
    {
        try
        {
            if (file.Size > folder.MaxFileBytes) throw new UnreadableDocumentException($"It has {file.Size:N0} bytes, and MaxFileBytes is {folder.MaxFileBytes:N0}.");
            var bytes = await ReadAsync(file, cancellationToken);
            var hash = SHA256.HashData(bytes);
            if (old is not null && old.Hash.AsSpan().SequenceEqual(hash))
            {
                database.Touch(old.Id, file);
                return;
            }

            var text = await DocumentReader.ReadAsync(file.Path, bytes, context.TimeProvider, cancellationToken);
            if (text.Sections.Sum(static s => (long)s.Text.Length) > DocumentReader.MaxChars) throw DocumentReader.TooLong();
            var grown = database.Save(scope, file, hash, folder.Chunker.Split(text, file.Path));
            (_indexed, _chunks) = (_indexed + 1, _chunks + grown);
            metrics.AddChunks(grown);
            metrics.CountDocument("indexed");
            skipped.Forget(scope, file.Path);
        }
        catch (Exception e) when (e is UnreadableDocumentException or IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            // What was readable before and is not now must not be found any more, unless only the disk fails.
            if (old is not null && e is not IOException) Remove(old);
            // The next pass sees that it is gone.
            if (e is FileNotFoundException or DirectoryNotFoundException) return;
            Skip(scope, file, e switch
            {
                UnauthorizedAccessException => "The host has no right to read it.",
                OutOfMemoryException => "It takes more memory than the host has. Lower MaxFileBytes, or divide the file.",
                _ => e.Message,
            });
            // A disk or a lock may be better the next time. A right may be given without a change of the file.
            if (e is UnreadableDocumentException or OutOfMemoryException) skipped.Keep(scope, file);
        }
    }

    private async Task<byte[]> ReadAsync(FoundFile file, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(file.FullPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, useAsync: false);
        // A link may have taken its place since the folder was listed. The next pass sees that.
        if (folder.Template.IsPerTenant && FolderScan.HasLink(folder.Template.Root, file.FullPath)) throw new FileNotFoundException("A link has taken its place.");
        if (stream.Length > folder.MaxFileBytes) throw new UnreadableDocumentException($"It has grown above MaxFileBytes, {folder.MaxFileBytes:N0}.");
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    private void Remove(KnownDocument document)
    {
        metrics.AddChunks(-database.Remove(document.Id));
        metrics.CountDocument("removed");
    }

    private void Skip(long scope, FoundFile file, string reason)
    {
        if (!skipped.IsNew(scope, file.Path, reason)) return;
        _skipped++;
        metrics.CountDocument("skipped");
        Log.Skipped(context.Logger, file.Path, Name, reason);
    }

    private void LogProgress(int done)
    {
        if (context.TimeProvider.GetElapsedTime(_lastLog) < LogInterval || done == _changed.Count) return;
        _lastLog = context.TimeProvider.GetTimestamp();
        Log.Progress(context.Logger, done, _changed.Count, Name, _chunks);
    }
}
