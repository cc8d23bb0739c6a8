using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>The statements of the leases of hosts. Times are those of the server's clock.</summary>
internal static class HostStatements
{
    private const string Columns = "h.id, h.name, h.address, h.version, h.started_at, h.agents, h.runs, h.process, extract(epoch FROM h.until - clock_timestamp())::float8";

    private const string Write =
        """
        INSERT INTO ~.hosts (id, name, address, version, started_at, agents, runs, process, until)
        VALUES ($1, $2, $3::text, $4, $5, $6, $7, $8, clock_timestamp() + $9 * interval '1 s')
        ON CONFLICT (id) DO UPDATE SET agents = excluded.agents, runs = excluded.runs, until = excluded.until
        """;

    // Of hosts that ended without leaving. A limited number each time, and no locked ones: a lost migration may have claimed millions, and the lease must not wait for them.
    private const string Clean =
        """
        WITH gone AS (SELECT id FROM ~.hosts WHERE until < clock_timestamp() - interval '1 hour'),
        freed AS (
            DELETE FROM ~.claims WHERE ctid = ANY(ARRAY(
                SELECT c.ctid FROM ~.claims c JOIN gone ON gone.id = c.host LIMIT 1000 FOR UPDATE OF c SKIP LOCKED)))
        DELETE FROM ~.hosts h USING gone WHERE h.id = gone.id AND NOT EXISTS (SELECT 1 FROM ~.claims c WHERE c.host = gone.id)
        """;

    private const string FreeOf = "DELETE FROM ~.claims WHERE host = $1";
    private const string Remove = "DELETE FROM ~.hosts WHERE id = $1";
    private const string End = "UPDATE ~.hosts SET until = clock_timestamp() - interval '1 s' WHERE id = ANY($1) AND until > clock_timestamp()";

    /// <summary>Reads all hosts.</summary>
    public static Statement Find { get; } = new($"SELECT {Columns} FROM ~.hosts h ORDER BY h.started_at, h.id");

    public static Statement[] Renew(HostDescription self) =>
    [
        new(Write, self.Id, self.Name, self.Address, self.Version, self.StartedAt.UtcTicks, self.Agents.ToArray(), self.Runs, HostProcess.Current.ToString(), HostLease.Duration.TotalSeconds),
        new(Clean),
    ];

    public static Statement[] Leave(string hostId) => [new(FreeOf, hostId), new(Remove, hostId)];

    /// <summary>Ends the leases of hosts whose processes are gone.</summary>
    public static Statement EndOf(IEnumerable<string> hostIds) => new(End, [hostIds.ToArray()]);

    /// <summary>Reads the host that has a session.</summary>
    public static Statement FindOwner(SessionKey session) => new(
        $"SELECT {Columns} FROM ~.claims c JOIN ~.hosts h ON h.id = c.host WHERE c.tenant = $1 AND c.session = $2", [.. SessionRow.Key(session)]);

    public static async Task<List<StoredHost>> ReadAsync(NpgsqlDataReader rows, CancellationToken cancellationToken)
    {
        var hosts = new List<StoredHost>();
        while (await rows.ReadAsync(cancellationToken))
        {
            var host = new HostDescription
            {
                Id = rows.GetString(0),
                Name = rows.GetString(1),
                Address = rows.IsDBNull(2) ? null : rows.GetString(2),
                Version = rows.GetString(3),
                StartedAt = new DateTimeOffset(rows.GetInt64(4), TimeSpan.Zero),
                Agents = rows.GetFieldValue<string[]>(5),
                Runs = rows.GetInt32(6),
            };
            hosts.Add(new StoredHost(new HostLease { Host = host, Remaining = TimeSpan.FromSeconds(rows.GetDouble(8)) }, HostProcess.Parse(rows.GetString(7))));
        }

        return hosts;
    }
}

/// <summary>A host as it is stored.</summary>
internal sealed record StoredHost(HostLease Lease, HostProcess Process);
