using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>The statements that delete messages. Only the deletion of messages changes rows that are counted.</summary>
internal static class DeleteStatements
{
    private const string DeleteSome = $"DELETE FROM ~.messages WHERE message = ANY($4) AND history = {HistoryRow.Id}";
    private const string DeleteAll = $"DELETE FROM ~.messages WHERE history = {HistoryRow.Id}";

    // A SELECT, so that its deletions are not counted.
    private const string DeleteHistory =
        $"""
        WITH a AS (DELETE FROM ~.appends WHERE history = {HistoryRow.Id}), h AS (DELETE FROM ~.histories WHERE tenant = $1 AND session = $2 AND source = $3)
        SELECT 1
        """;

    public static Statement[] From(string source, HistoryDeletion deletion)
    {
        object[] key = HistoryRow.Key(source, deletion.Session);
        return deletion.MessageIds is { } ids
            ? [new(HistoryRow.Lock, key), new(DeleteSome, [.. key, StoredText.ToBytes(ids)])]
            : [new(HistoryRow.Lock, key), new(DeleteAll, key), new(DeleteHistory, key)];
    }
}
