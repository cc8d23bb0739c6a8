using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <content>Backups of the database.</content>
public sealed partial class SqliteSessions : IStoreBackup
{
    /// <inheritdoc/>
    public string Resource => Database.Path;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, long>> BackUpAsync(string folder, IProgress<double> progress, CancellationToken cancellationToken) =>
        Database.BackUpAsync(folder, progress, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyDictionary<string, long>> RestoreAsync(string folder, bool replace, CancellationToken cancellationToken) =>
        new(Database.Restore(folder, replace));
}
