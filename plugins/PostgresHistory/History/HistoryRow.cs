using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>The row of a history: the messages of one session in one instance of the plugin. Its key has the places <c>$1</c> to <c>$3</c>.</summary>
internal static class HistoryRow
{
    /// <summary>Its id, as a subquery: with a join, rows would not come from the index in order.</summary>
    public const string Id = "(SELECT id FROM ~.histories WHERE tenant = $1 AND session = $2 AND source = $3)";

    /// <summary>Locks it, so that its writers come one after the other.</summary>
    public const string Lock = "SELECT 1 FROM ~.histories WHERE tenant = $1 AND session = $2 AND source = $3 FOR UPDATE";

    /// <param name="source">The instance's name in its chain.</param>
    /// <param name="session">The session.</param>
    public static byte[][] Key(string source, SessionKey session) =>
        [StoredText.ToBytes(session.Tenant), StoredText.ToBytes(session.Id), StoredText.ToBytes(source)];
}
