using PluginHost.Files.History;
using PluginHost.Files.Storage;

namespace PluginHost.Files;

/// <summary>Stores the history of each session in one JSON Lines file, one line per append.</summary>
public sealed partial class FileHistory : IHistoryProvider, IPluginHealth, IResourceHandover
{
    private readonly FileStore _store;
    private readonly HistoryFiles _files;

    /// <summary>Creates an instance; <see cref="AcquireAsync"/> takes the folder, until the last instance that uses it is disposed.</summary>
    public FileHistory(FileHistoryOptions options, PluginContext context)
        : this(options, context, null)
    {
    }

    internal FileHistory(FileHistoryOptions options, PluginContext context, DurableFileWriter? fileWriter)
    {
        _store = FileStore.Share(context, options.Path, fileWriter);
        _files = new HistoryFiles(_store);
    }

    /// <inheritdoc/>
    public ValueTask AcquireAsync(CancellationToken cancellationToken)
    {
        _store.Acquire();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(CancellationToken cancellationToken)
    {
        _store.Release();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken) => _store.CheckHealthAsync();

    /// <inheritdoc/>
    public async ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        using var held = await _store.HistoryLocks.AcquireAsync(query.Session, cancellationToken);
        return _store.Run("load the history of session", query.Session.Id, () => _store.Windows.Find(query.Session))?.Find(query)
            ?? await _store.RunAsync("load the history of session", query.Session.Id, () => _files.Load(query));
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken)
    {
        var line = HistoryLineWriter.Write(append);
        using var held = await _store.HistoryLocks.AcquireAsync(append.Session, cancellationToken);
        await _store.RunAsync("append to the history of session", append.Session.Id, () => _files.Append(append, line));
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken)
    {
        var (session, ids) = (deletion.Session, deletion.MessageIds?.ToHashSet(StringComparer.Ordinal));
        using var held = await _store.HistoryLocks.AcquireAsync(session, cancellationToken);
        var delete = new HistoryDelete(_store, _files);
        return await _store.RunAsync("delete from the history of session", session.Id, () =>
        {
            _store.Windows.Remove(session);
            return ids is null ? delete.DeleteAll(session) : delete.DeleteMessages(session, ids);
        });
    }
}
