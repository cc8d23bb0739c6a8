using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite;

/// <summary>
/// A file beside a database that was found damaged, so that the next start looks at all of it: damage in the middle is met only
/// when what stands there is read, and looking at every file at every start would take too long.
/// </summary>
internal sealed class DamageMark(string path)
{
    private const int Corrupt = 11;

    private readonly string _path = path + ".damaged";

    public void Set(string reason)
    {
        try
        {
            File.WriteAllText(_path, reason + Environment.NewLine);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The damage is logged and shown either way; the next start then meets it where it is read.
        }
    }

    /// <exception cref="SqliteException">The marked database is damaged indeed.</exception>
    public void Check(PreparedConnection connection)
    {
        if (!File.Exists(_path)) return;
        if (connection.Pragma("quick_check(1)") is { } found and not "ok") throw new SqliteException(found, Corrupt);
        Remove();
    }

    public void Remove() => File.Delete(_path);
}
