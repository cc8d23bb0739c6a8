namespace PluginHost.Sdk;

/// <summary>
/// Optional, for session stores and history providers: copies all data of the store into a folder while the host uses it, and puts
/// such a copy back. The format in the folder is the plugin's.
/// </summary>
public interface IStoreBackup
{
    /// <summary>What is copied, for example the path of a file. The host makes one copy for all instances of a plugin with the same text.</summary>
    string Resource { get; }

    /// <summary>
    /// Copies all data. Also called before <see cref="IPluginLifecycle.StartAsync"/>. Must not block runs, and must check the copy.
    /// </summary>
    /// <param name="folder">An empty folder that only the host's user can read.</param>
    /// <param name="progress">Takes the part that is done, from 0 to 1.</param>
    /// <param name="cancellationToken">Cancels the copy.</param>
    /// <returns>How many entries of each kind the copy holds.</returns>
    /// <exception cref="StorageException">The data cannot be read, or the copy cannot be written or is not valid.</exception>
    ValueTask<IReadOnlyDictionary<string, long>> BackUpAsync(string folder, IProgress<double> progress, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces all data by a copy, which is checked first. Called on an instance that has not been started and has not taken its resource.
    /// Existing data is renamed and kept, never overwritten.
    /// </summary>
    /// <param name="folder">A folder that <see cref="BackUpAsync"/> has filled.</param>
    /// <param name="replace">Whether existing data may be set aside; otherwise it is an error.</param>
    /// <param name="cancellationToken">Cancels the restore before anything was changed.</param>
    /// <returns>How many entries of each kind were put back.</returns>
    /// <exception cref="StorageException">There is data already, another host uses it, or the copy is not valid. Nothing was changed.</exception>
    ValueTask<IReadOnlyDictionary<string, long>> RestoreAsync(string folder, bool replace, CancellationToken cancellationToken);
}
