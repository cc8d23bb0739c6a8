using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using PluginHost.Files.Storage;

namespace PluginHost.Files.Sessions;

/// <summary>
/// Reads and writes records as JSON. Only SDK types pass through the serializer: its caches would keep types of this plugin alive
/// after an unload.
/// </summary>
internal static class RecordJson
{
    private const int Version = 1;

    private static readonly JsonSerializerOptions Options = CreateOptions();

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonTypeInfo<SessionRecord> SessionType = (JsonTypeInfo<SessionRecord>)Options.GetTypeInfo(typeof(SessionRecord));
    private static readonly JsonTypeInfo<RunRecord> RunType = (JsonTypeInfo<RunRecord>)Options.GetTypeInfo(typeof(RunRecord));

    public static byte[] Write(SessionRecord record, long runsLength) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("v", Version);
        json.WriteNumber("runsLength", runsLength);
        json.WritePropertyName("session");
        JsonSerializer.Serialize(json, record, SessionType);
        json.WriteEndObject();
    });

    public static byte[] Write(RunRecord run) => Write(json => JsonSerializer.Serialize(json, run, RunType));

    /// <exception cref="JsonException">The bytes are not a session's file.</exception>
    public static (SessionRecord Record, long RunsLength) ReadSession(byte[] bytes)
    {
        using var document = JsonDocument.Parse(bytes, StoredJson.Document);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("v", out var version) || !root.TryGetProperty("runsLength", out var length)
            || !root.TryGetProperty("session", out var session) || !length.TryGetInt64(out var runsLength))
            throw new JsonException("Expected the file of a session.");
        if (!version.TryGetInt32(out var number) || number != Version) throw new JsonException($"Expected version {Version}, got {version}.");
        var record = session.Deserialize(SessionType) ?? throw new JsonException("'session': must not be null.");
        return (record, runsLength);
    }

    /// <exception cref="JsonException">The line is not a run.</exception>
    public static RunRecord ReadRun(ReadOnlySpan<byte> line) => JsonSerializer.Deserialize(line, RunType) ?? throw new JsonException("Expected a run, got null.");

    /// <summary>Reads the keys of a run and skips its output.</summary>
    /// <exception cref="JsonException">The line is not a run.</exception>
    public static RunEntry ReadRunEntry(ReadOnlySpan<byte> line, long offset)
    {
        try
        {
            var json = new Utf8JsonReader(line, StoredJson.Reader);
            string? id = null, idempotencyKey = null;
            var createdAt = default(DateTimeOffset);
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var isId = json.ValueTextEquals("id"u8);
                var isKey = json.ValueTextEquals("idempotencyKey"u8);
                var isTime = json.ValueTextEquals("createdAt"u8);
                json.Read();
                if (isId) id = json.GetString();
                else if (isKey) idempotencyKey = json.GetString();
                else if (isTime) createdAt = json.GetDateTimeOffset();
                else json.Skip();
            }

            return new RunEntry(id ?? throw new JsonException("'id' is missing."), idempotencyKey, createdAt, offset, line.Length, offset);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            // The JSON reader reports a value of the wrong type with these exceptions.
            throw new JsonException(e.Message, e);
        }
    }

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions(StoredJson.Serializer);
        // The serializer uses the first matching converter. Insert this one first, so that names are those of the HTTP API.
        options.Converters.Insert(0, new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        return options;
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Readable)) write(json);
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }
}
