using System.Globalization;
using Npgsql;

namespace PluginHost.Postgres;

/// <summary>Ends a page after a number of rows, or behind the row that exceeds its bytes. The server sends no row that is not needed.</summary>
internal static class PageLimit
{
    /// <summary>Adds order and limit to a statement whose rows have a column <c>document</c>.</summary>
    /// <param name="select">The statement so far.</param>
    /// <param name="order">The order.</param>
    /// <param name="limit">The maximum number of rows.</param>
    /// <param name="maxBytes">The maximum number of bytes of documents before the last row; null for no limit.</param>
    public static Statement Add(StatementBuilder select, string order, int limit, long? maxBytes)
    {
        // One row more says whether there are more.
        var rows = string.Create(CultureInfo.InvariantCulture, $" ORDER BY {order} LIMIT {(long)limit + 1}");
        var inner = select.Add(rows).Build();
        if (maxBytes is not { } bytes) return inner;
        return new Statement(
            $"""
            SELECT * FROM (
                SELECT page.*, count(*) OVER () AS found,
                    sum(octet_length(document)) OVER (ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
                FROM (SELECT *, row_number() OVER () AS number FROM ({inner.Sql}) AS ordered) AS page) AS limited
            WHERE coalesce(before, 0) <= ${inner.Values.Length + 1} ORDER BY number
            """,
            [.. inner.Values, bytes]);
    }

    /// <summary>Reads the rows of a page.</summary>
    /// <param name="rows">The rows, at most one more than <paramref name="fetched"/>.</param>
    /// <param name="fetched">The limit of the statement: more than that of the page when rows before these could not be read.</param>
    /// <param name="limit">The maximum number of items.</param>
    /// <param name="add">Adds a row to the page, and returns whether it could be read.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Whether there are more.</returns>
    public static async Task<bool> ReadAsync(NpgsqlDataReader rows, int fetched, int limit, Func<NpgsqlDataReader, bool> add, CancellationToken cancellationToken)
    {
        var found = -1;
        for (var i = 0; i < rows.FieldCount; i++)
        {
            if (rows.GetName(i) == "found") found = i;
        }

        var (count, items, total) = (0, 0, 0L);
        while (await rows.ReadAsync(cancellationToken))
        {
            if (count == fetched || items == limit) return true;
            count++;
            if (found >= 0) total = rows.GetInt64(found);
            if (add(rows)) items++;
        }

        return total > count;
    }
}
