using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>
/// The statements that give sessions to hosts. Each takeover raises a number, the fence. A write that names an old one, or another host, was sent by a
/// host that does not know of the takeover.
/// </summary>
internal static class ClaimStatements
{
    /// <summary>The session is another host's.</summary>
    public const string Moved = "moved";

    // Waits for another host that claims the session at the same time. That host's own claim keeps its fence, which writes on their way name. The claim of another live host
    // is not locked: it would wait for that host's saves, and keep them from their groups.
    private const string Take =
        """
        INSERT INTO ~.claims AS c (tenant, session, host, fence)
        SELECT $1, $2, $3, nextval('~.fences')
        WHERE EXISTS (SELECT 1 FROM ~.hosts WHERE id = $3 AND until > clock_timestamp())
            AND NOT EXISTS (
                SELECT 1 FROM ~.claims o JOIN ~.hosts h ON h.id = o.host WHERE o.tenant = $1 AND o.session = $2 AND o.host <> $3 AND h.until > clock_timestamp())
        ON CONFLICT (tenant, session) DO UPDATE SET host = $3, fence = CASE WHEN c.host = $3 THEN c.fence ELSE excluded.fence END
        WHERE c.host = $3 OR NOT EXISTS (SELECT 1 FROM ~.hosts h WHERE h.id = c.host AND h.until > clock_timestamp())
        RETURNING fence
        """;

    // Before the claim, which must know the leases as they are after the wait for a lock: that may last longer than a lease.
    private const string WaitForLock =
        """
        SELECT 1 FROM ~.claims c WHERE tenant = $1 AND session = $2 AND NOT EXISTS (SELECT 1 FROM ~.hosts h WHERE h.id = c.host AND h.id <> $3 AND h.until > clock_timestamp())
        FOR NO KEY UPDATE OF c
        """;

    // The lock keeps other hosts from taking the session until the write has ended.
    private const string Check =
        """
        WITH c AS (SELECT 1 FROM ~.claims WHERE tenant = $1 AND session = $2 AND host = $3 AND fence = $4 FOR SHARE)
        SELECT ~.refuse('moved') WHERE NOT EXISTS (SELECT 1 FROM c)
        """;

    private const string Free = "DELETE FROM ~.claims WHERE host = $1 AND (tenant, session) IN (SELECT * FROM unnest($2, $3))";

    /// <summary>Claims a session. The second statement returns the fence, or nothing when another host has the session; the third one that host.</summary>
    public static Statement[] Claim(SessionKey session, string hostId)
    {
        object[] values = [.. SessionRow.Key(session), hostId];
        return [new(WaitForLock, values), new(Take, values), HostStatements.FindOwner(session)];
    }

    /// <summary>Fails with <see cref="Moved"/> unless the session is the host's by this fence.</summary>
    public static Statement Require(SessionKey session, string hostId, long fence) => new(Check, [.. SessionRow.Key(session), hostId, fence]);

    public static Statement Release(IReadOnlyList<SessionKey> sessions, string hostId) => new(
        Free, hostId, StoredText.ToBytes(sessions.Select(static s => s.Tenant)), StoredText.ToBytes(sessions.Select(static s => s.Id)));
}
