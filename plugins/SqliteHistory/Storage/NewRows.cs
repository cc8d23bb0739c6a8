using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite;

/// <summary>
/// Moves new messages and runs from short lists into the tables by owner, many at once. Rows of one session then share a page; a row that is added alone
/// changes a separate page, because sessions take turns. For the writer's thread alone.
/// </summary>
internal sealed class NewRows(PreparedConnection connection)
{
    /// <summary>The number of changed rows, of all tables, after which new ones are placed: about 450 runs.</summary>
    public const int Interval = 6000;

    private const string PlaceMessages = "INSERT INTO message_places SELECT owner, place FROM new_messages ORDER BY owner, place";
    private const string PlaceRuns = "INSERT INTO run_places SELECT owner, tenant_of, place FROM new_runs ORDER BY owner, tenant_of, place";

    // The first commit of a connection places what earlier ones left in the lists.
    private int _before = connection.ChangedRows - Interval;

    /// <summary>Places the new rows in a separate transaction when there are many. On a full disk they stay in the lists until the next time.</summary>
    public void PlaceIfMany()
    {
        // The count may overflow.
        if (unchecked(connection.ChangedRows - _before) < Interval) return;
        _before = connection.ChangedRows;
        connection.Execute("BEGIN IMMEDIATE");
        try
        {
            connection.Execute(PlaceMessages);
            connection.Execute("DELETE FROM new_messages");
            connection.Execute(PlaceRuns);
            connection.Execute("DELETE FROM new_runs");
            connection.Execute("COMMIT");
            _before = connection.ChangedRows;
        }
        catch (SqliteException exception) when (SqliteStoreException.IsFull(exception))
        {
            if (connection.InTransaction) connection.Execute("ROLLBACK");
        }
    }
}
