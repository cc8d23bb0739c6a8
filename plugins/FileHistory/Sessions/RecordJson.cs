using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace PluginHost.Files.Sessions;

/// <summary>How records are written. Only types of the SDK go through the serializer, so that nothing of this plugin stays in its caches.</summary>
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

    /// <exception cref="JsonException">It is not a session's file.</exception>
    public static (SessionRecord Record, long RunsLength) ReadSession(byte[] bytes)
    {
        using var document = JsonDocument.Parse(bytes);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("v", out var version) || !root.TryGetProperty("runsLength", out var length)
            || !root.TryGetProperty("session", out var session) || !length.TryGetInt64(out var runsLength))
            throw new JsonException("it is not the file of a session");
        if (!version.TryGetInt32(out var number) || number != Version) throw new JsonException($"its version is {version}, not {Version}");
        var record = session.Deserialize(SessionType) ?? throw new JsonException("it holds no session");
        return (record, runsLength);
    }

    /// <exception cref="JsonException">It is not the line of a run.</exception>
    public static RunRecord ReadRun(ReadOnlySpan<byte> line) => JsonSerializer.Deserialize(line, RunType) ?? throw new JsonException("it holds no run");

    /// <summary>Reads what is needed to find a run, and passes over its output.</summary>
    /// <exception cref="JsonException">It is not the line of a run.</exception>
    public static RunHead ReadRunHead(ReadOnlySpan<byte> line, long offset)
    {
        try
        {
            var json = new Utf8JsonReader(line);
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

            return new RunHead(id ?? throw new JsonException("it has no id"), idempotencyKey, createdAt, offset, line.Length, offset);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            // The reader's words for a value of another type than expected.
            throw new JsonException(e.Message, e);
        }
    }

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions(AIJsonUtilities.DefaultOptions);
        // First, because the first converter that can is taken; the words are then those of the HTTP API.
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
