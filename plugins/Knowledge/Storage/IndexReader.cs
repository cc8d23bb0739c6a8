using Microsoft.Data.Sqlite;
using PluginHost.Knowledge.Search;

namespace PluginHost.Knowledge.Storage;

/// <summary>A connection that reads the index, with what it has learned of it. Not thread-safe.</summary>
internal sealed class IndexReader(SqliteConnection connection) : IDisposable
{
    public SqliteConnection Connection => connection;

    public WordRanks Ranks { get; } = new(connection);

    public void Dispose() => connection.Dispose();
}
