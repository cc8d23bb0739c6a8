using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite;

internal static class RowExtensions
{
    extension(SqliteDataReader row)
    {
        public string? GetText(int column) => row.IsDBNull(column) ? null : row.GetString(column);

        public DateTimeOffset GetTime(int column) => new(row.GetInt64(column), TimeSpan.Zero);
    }
}
