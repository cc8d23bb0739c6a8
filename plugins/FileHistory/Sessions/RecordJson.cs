using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using PluginHost.Files.Storage;

namespace PluginHost.Files.Sessions;

/// <summary>Puts the documents of records into files, and takes them out.</summary>
internal static class RecordJson
{
    private const int Version = 1;

    public static byte[] Write(SessionRecord record, long runsLength) =>
        [.. Encoding.UTF8.GetBytes($"{{\"v\":{Version},\"runsLength\":{runsLength},\"session\":"), .. record.ToDocument().Span, .. "}\n"u8];

    public static byte[] Write(RunRecord run) => [.. run.ToDocument().Span, (byte)'\n'];

    /// <exception cref="JsonException">The bytes are not a session's file.</exception>
    public static (SessionRecord Record, long RunsLength) ReadSession(byte[] bytes)
    {
        using var document = JsonDocument.Parse(bytes, StoredJson.Document);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("v", out var version) || !root.TryGetProperty("runsLength", out var length)
            || !root.TryGetProperty("session", out var session) || !length.TryGetInt64(out var runsLength))
            throw new JsonException("Expected the file of a session.");
        if (!version.TryGetInt32(out var number) || number != Version) throw new JsonException($"Expected version {Version}, got {version}.");
        return (SessionRecord.FromDocument(JsonMarshal.GetRawUtf8Value(session)), runsLength);
    }

    /// <exception cref="JsonException">The line is not a run.</exception>
    public static RunRecord ReadRun(ReadOnlySpan<byte> line) => RunRecord.FromDocument(line);

    /// <summary>Reads the keys from the document of a run, and skips its output.</summary>
    /// <exception cref="JsonException">The line is not a run.</exception>
    public static RunEntry ReadRunEntry(ReadOnlySpan<byte> line, long offset)
    {
        try
        {
            var json = new Utf8JsonReader(line, StoredJson.Reader);
            string? id = null, idempotencyKey = null;
            var createdAt = default(DateTimeOffset);
            var (attempt, status, isTrouble) = (1, RunStatus.Completed, false);
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isId = json.ValueTextEquals("id"u8);
                var isKey = json.ValueTextEquals("idempotencyKey"u8);
                var isTime = json.ValueTextEquals("createdAt"u8);
                var isAttempt = json.ValueTextEquals("attempt"u8);
                var isStatus = json.ValueTextEquals("status"u8);
                var isFailures = json.ValueTextEquals("skipped"u8) || json.ValueTextEquals("failures"u8);
                json.Read();
                if (isId) id = json.GetString();
                else if (isKey) idempotencyKey = json.GetString();
                else if (isTime) createdAt = json.GetDateTimeOffset();
                else if (isAttempt) attempt = json.GetInt32();
                else if (isStatus) status = ReadStatus(in json);
                else isTrouble |= SkipList(ref json) && isFailures;
            }

            isTrouble |= status == RunStatus.Failed;
            return new RunEntry(id ?? throw new JsonException("'id' is missing."), idempotencyKey, createdAt, attempt, status, offset, line.Length, isTrouble, offset);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            // The JSON reader reports a value of the wrong type with these exceptions.
            throw new JsonException(e.Message, e);
        }
    }

    /// <summary>The status that queries need; completed for all others.</summary>
    private static RunStatus ReadStatus(in Utf8JsonReader json) => json.TokenType != JsonTokenType.String ? RunStatus.Completed
        : json.ValueTextEquals("failed"u8) ? RunStatus.Failed
        : json.ValueTextEquals("queued"u8) ? RunStatus.Queued
        : json.ValueTextEquals("running"u8) ? RunStatus.Running
        : json.ValueTextEquals("requires_action"u8) ? RunStatus.RequiresAction
        : RunStatus.Completed;

    /// <summary>Skips a value.</summary>
    /// <returns>Whether it was a list with items.</returns>
    private static bool SkipList(ref Utf8JsonReader json)
    {
        var isList = json.TokenType == JsonTokenType.StartArray;
        var start = json.TokenStartIndex;
        json.Skip();
        return isList && json.TokenStartIndex > start + 1;
    }
}
