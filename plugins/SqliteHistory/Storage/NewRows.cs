namespace PluginHost.Sqlite;

/// <summary>
/// Moves new messages and runs from short lists into the tables by owner, many at once. Rows of one session then share a page; a row that is added alone
/// changes a separate page, because sessions take turns. For the writer's thread alone.
/// </summary>
internal sealed class NewRows
{
    /// <summary>The number of changed rows, of all tables, after which new ones are placed: about 450 runs.</summary>
    public const int Interval = 6000;

    private const string PlaceMessages = "INSERT INTO message_places SELECT owner, place FROM new_messages ORDER BY owner, place";
    private const string PlaceRuns = "INSERT INTO run_places SELECT owner, tenant_of, place FROM new_runs ORDER BY owner, tenant_of, place";

    // The first batch of a process places what earlier processes left in the lists.
    private int _before = -Interval;

    /// <summary>Places the new rows when there are many, in the open transaction.</summary>
    public void PlaceIfMany(PreparedConnection connection)
    {
        // The count of a connection may overflow, and a new connection begins at zero.
        if (unchecked(connection.ChangedRows - _before) is >= 0 and < Interval) return;
        connection.Execute(PlaceMessages);
        connection.Execute("DELETE FROM new_messages");
        connection.Execute(PlaceRuns);
        connection.Execute("DELETE FROM new_runs");
        _before = connection.ChangedRows;
    }
}
