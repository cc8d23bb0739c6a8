namespace PluginHost.Files.Sessions;

/// <summary>The part of a session's record that the index keeps in memory.</summary>
/// <param name="Key">The session.</param>
/// <param name="Version">The stored version.</param>
/// <param name="CreatedAt">The sort key of lists.</param>
/// <param name="UpdatedAt">The sort key of retention.</param>
/// <param name="RunsLength">The committed length of the session's runs file in bytes.</param>
internal sealed record SessionEntry(SessionKey Key, long Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long RunsLength)
{
    public static SessionEntry From(SessionRecord record, long runsLength) => new(record.Key, record.Version, record.CreatedAt, record.UpdatedAt, runsLength);
}
