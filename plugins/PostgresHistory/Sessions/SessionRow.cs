using System.Collections.ObjectModel;
using System.Text.Json;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>
/// The row of a session. Its key has the places <c>$1</c> and <c>$2</c>. Metadata, state and extensions are a document beside that of the
/// record, which is written only when they change.
/// </summary>
internal static class SessionRow
{
    /// <summary>Its id, as a subquery: with a join, rows would not come from the index in order.</summary>
    public const string Id = "(SELECT id FROM ~.sessions WHERE tenant = $1 AND session = $2)";

    /// <summary>
    /// Locks it, and fails with <see cref="NoSession"/> when there is none. So a write waits for a deletion, for a save, and for its own first try
    /// when it is sent again.
    /// </summary>
    public const string Require =
        "WITH s AS (SELECT 1 FROM ~.sessions WHERE tenant = $1 AND session = $2 FOR NO KEY UPDATE) SELECT ~.refuse('no session') WHERE NOT EXISTS (SELECT 1 FROM s)";

    public const string NoSession = "no session";

    public static byte[][] Key(SessionKey session) => [StoredText.ToBytes(session.Tenant), StoredText.ToBytes(session.Id)];

    /// <summary>The document of the record without its details.</summary>
    public static byte[] ToDocument(SessionRecord record) => (record with
    {
        Metadata = ReadOnlyDictionary<string, string>.Empty,
        State = ReadOnlyDictionary<string, JsonElement>.Empty,
        Extensions = ReadOnlyDictionary<string, JsonElement>.Empty,
    }).ToDocument().ToBytes();

    /// <summary>The document of the details.</summary>
    /// <param name="record">The record to write.</param>
    /// <param name="known">The record that is stored; null when it is not known.</param>
    /// <returns>Null when they have not changed.</returns>
    public static byte[]? ToDetails(SessionRecord record, SessionRecord? known)
    {
        if (known is not null && record.Metadata == known.Metadata && record.State == known.State && record.Extensions == known.Extensions) return null;
        var details = ToDetails(record);
        return known is not null && ToDetails(known).AsSpan().SequenceEqual(details) ? null : details;
    }

    public static SessionRecord From(byte[] document, byte[] details)
    {
        var rest = SessionRecord.FromDocument(details);
        return SessionRecord.FromDocument(document) with { Metadata = rest.Metadata, State = rest.State, Extensions = rest.Extensions };
    }

    private static byte[] ToDetails(SessionRecord record) => new SessionRecord
    {
        Key = record.Key,
        Version = 0,
        CreatedAt = default,
        UpdatedAt = default,
        Metadata = record.Metadata,
        State = record.State,
        Extensions = record.Extensions,
    }.ToDocument().ToBytes();
}
