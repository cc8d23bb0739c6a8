using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>A bound in the order of sessions: by creation, or by last save in a query for idle sessions.</summary>
internal sealed record SessionBound(long Time, string Session, string Tenant)
{
    private const string FindCreation = "SELECT created_at FROM sessions WHERE tenant = $1 AND session = $2";
    private const string FindLastSave = "SELECT updated_at FROM sessions WHERE tenant = $1 AND session = $2";

    public static SessionBound Lowest { get; } = new(-1, "", "");

    /// <summary>Creates the bound at <c>IdleSince</c>. Its empty id sorts before every session that was saved at that time.</summary>
    public static SessionBound CreateHighest(SessionQuery query) => new(query.IdleSince?.UtcTicks ?? long.MaxValue, "", "");

    /// <returns>The bound at a session, the default when there is no id, and null when the session is unknown.</returns>
    public static SessionBound? Find(PreparedConnection connection, SessionQuery query, string? id, SessionBound defaultBound)
    {
        if (id is null) return defaultBound;
        var find = query.IdleSince is null ? FindCreation : FindLastSave;
        if (connection.QueryNumber(find, query.Tenant, id) is not { } time) return null;
        // A session that is no longer idle does not narrow the result.
        return defaultBound != Lowest && time >= defaultBound.Time ? defaultBound : new SessionBound(time, id, query.Tenant);
    }
}
