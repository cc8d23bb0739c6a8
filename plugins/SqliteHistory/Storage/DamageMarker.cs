using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite;

/// <summary>
/// A file that marks a database as damaged, so that the next start checks all of it. SQLite finds damage only in pages that it
/// reads, and a full check at every start would take too long.
/// </summary>
internal sealed class DamageMarker(string path)
{
    private const int Corrupt = 11;

    private readonly string _path = path + ".damaged";

    public void Write(string reason)
    {
        try
        {
            PrivateFiles.Write(_path, reason + Environment.NewLine);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The damage is logged and reported by the health check even without the marker.
        }
    }

    /// <summary>Checks a marked database and removes the marker when the database is valid.</summary>
    /// <exception cref="SqliteException">The marked database is damaged.</exception>
    public void Check(PreparedConnection connection)
    {
        if (!File.Exists(_path)) return;
        if (connection.ExecutePragma("quick_check(1)") is { } found and not "ok") throw new SqliteException(found, Corrupt);
        Remove();
    }

    public void Remove() => File.Delete(_path);
}
