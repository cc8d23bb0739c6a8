namespace PluginHost.Files.Sessions;

/// <summary>What is kept in memory of a session: what lists are made from, and where its runs end.</summary>
/// <param name="Key">The session.</param>
/// <param name="Version">The stored version.</param>
/// <param name="CreatedAt">Orders lists.</param>
/// <param name="UpdatedAt">For retention.</param>
/// <param name="RunsLength">How many bytes of the session's runs file are committed.</param>
internal sealed record SessionEntry(SessionKey Key, long Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long RunsLength)
{
    public static SessionEntry Of(SessionRecord record, long runsLength) => new(record.Key, record.Version, record.CreatedAt, record.UpdatedAt, runsLength);
}
