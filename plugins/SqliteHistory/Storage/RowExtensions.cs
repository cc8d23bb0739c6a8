using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite;

internal static class RowExtensions
{
    extension(SqliteDataReader row)
    {
        public string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);

        public DateTimeOffset Time(int column) => new(row.GetInt64(column), TimeSpan.Zero);
    }
}
