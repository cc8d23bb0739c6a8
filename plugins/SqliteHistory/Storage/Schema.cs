namespace PluginHost.Sqlite;

/// <summary>
/// Brings a database to the newest version. <c>user_version</c> is the number of applied <see cref="SchemaSteps"/>; <c>application_id</c> identifies
/// databases of this plugin.
/// </summary>
internal static class Schema
{
    /// <summary>"PHst" in ASCII.</summary>
    public const long ApplicationId = 0x50487374;

    /// <summary>The form of rows whose JSON is a document of the SDK.</summary>
    public const int DocumentForm = 2;

    /// <summary>The id of a run's first step. All ids of its steps are less than that of the next run's first step.</summary>
    public static long FirstId(long run) => run << 32;

    /// <summary>Migrates a database to the newest version in one transaction.</summary>
    /// <returns>The previous version.</returns>
    /// <exception cref="SqliteStoreException">The database is newer, or another program created it.</exception>
    public static long Migrate(PreparedConnection connection, string path, IReadOnlyList<string> steps)
    {
        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            var version = connection.QueryNumber("PRAGMA user_version") ?? 0;
            Check(connection, path, version, steps.Count);
            for (var step = (int)version; step < steps.Count; step++) connection.ExecuteScript(steps[step]);
            if (version < steps.Count)
            {
                connection.ExecutePragma($"application_id={ApplicationId}");
                connection.ExecutePragma($"user_version={steps.Count}");
            }

            connection.Execute("COMMIT");
            return version;
        }
        catch
        {
            if (connection.InTransaction) connection.Execute("ROLLBACK");
            throw;
        }
    }

    private static void Check(PreparedConnection connection, string path, long version, int known)
    {
        var isEmpty = connection.QueryNumber("SELECT count(*) FROM sqlite_schema") == 0;
        if (!isEmpty && connection.QueryNumber("PRAGMA application_id") != ApplicationId)
            throw new SqliteStoreException($"The database '{path}' was not created by this plugin. Set Path to another file.");
        if (version > known)
        {
            throw new SqliteStoreException(
                $"The database '{path}' has schema version {version}, but this plugin supports versions up to {known}. " +
                "Update the plugin, or set Path to another file.");
        }
    }
}
