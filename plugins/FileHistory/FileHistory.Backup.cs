using PluginHost.Files.Storage;

namespace PluginHost.Files;

/// <content>Backups of the folder.</content>
public sealed partial class FileHistory : IStoreBackup
{
    /// <inheritdoc/>
    public string Resource => _store.Folder;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyDictionary<string, long>> BackUpAsync(string folder, IProgress<double> progress, CancellationToken cancellationToken) =>
        await new FolderCopy(_store).WriteAsync(folder, progress, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, long>> RestoreAsync(string folder, bool replace, CancellationToken cancellationToken) =>
        new(new FolderCopy(_store).Restore(folder, replace, _store.Now));
}
