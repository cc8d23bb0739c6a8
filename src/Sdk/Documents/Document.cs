using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PluginHost.Sdk;

/// <summary>Reads a value from its JSON, which the reader has begun.</summary>
internal delegate T DocumentReader<out T>(ref Utf8JsonReader json);

/// <summary>Writes and reads the documents that stores keep: compact UTF-8 JSON. The format is docs/plugins/stores.md.</summary>
internal static class Document
{
    /// <summary>The format that this SDK writes. A document without a format has this one.</summary>
    public const int Format = 1;

    /// <summary>The depth that JSON writers allow, so that every written value can be read.</summary>
    public const int MaxDepth = 1000;

    private const int MaxKeptBytes = 64 * 1024;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaxDepth };

    // A store may wrap an earlier row in a document.
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth + 1 };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>Writes a document. The only memory that it takes is the document's.</summary>
    public static byte[] Write<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        var buffer = _buffer ?? new ArrayBufferWriter<byte>(1024);
        var json = _writer ?? new Utf8JsonWriter(buffer, WriterOptions);
        // After a failure the writer is not used again.
        (_buffer, _writer) = (null, null);
        write(json, value);
        json.Flush();
        var document = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity > MaxKeptBytes) return document;
        buffer.ResetWrittenCount();
        json.Reset();
        (_buffer, _writer) = (buffer, json);
        return document;
    }

    /// <summary>Reads a document.</summary>
    /// <exception cref="JsonException">It is not a document of this kind, or its format is newer.</exception>
    public static T Read<T>(ReadOnlySpan<byte> document, DocumentReader<T> read)
    {
        try
        {
            var json = new Utf8JsonReader(document, ReaderOptions);
            json.Read();
            var value = read(ref json);
            return json.Read() ? throw new JsonException("Unexpected data after the document.") : value;
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or OverflowException or NotSupportedException)
        {
            // The JSON reader reports a value of the wrong type with these exceptions.
            throw new JsonException(e.Message, e);
        }
    }

    public static List<T> ReadArray<T>(ref Utf8JsonReader json, DocumentReader<T> read)
    {
        if (json.TokenType != JsonTokenType.StartArray) throw new JsonException($"Expected array, got {json.TokenType}.");
        var items = new List<T>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray) items.Add(read(ref json));
        return items;
    }

    public static Dictionary<string, T> ReadMap<T>(ref Utf8JsonReader json, DocumentReader<T> read)
    {
        if (json.TokenType != JsonTokenType.StartObject) throw new JsonException($"Expected object, got {json.TokenType}.");
        var items = new Dictionary<string, T>(StringComparer.Ordinal);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            json.Read();
            items[name] = read(ref json);
        }

        return items;
    }

    public static string ReadText(ref Utf8JsonReader json) => json.GetString() ?? throw new JsonException("Expected string, got null.");

    public static JsonElement ReadJson(ref Utf8JsonReader json) => JsonElement.ParseValue(ref json);

    public static void WriteOptional(this Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null) json.WriteString(name, value);
    }

    public static void WriteMap(this Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyDictionary<string, JsonElement> values)
    {
        if (values.Count == 0) return;
        json.WriteStartObject(name);
        foreach (var (key, value) in values)
        {
            json.WritePropertyName(key);
            // Not as raw text, which may hold line feeds.
            value.WriteTo(json);
        }

        json.WriteEndObject();
    }

    public static void WriteMap(this Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyDictionary<string, string> values)
    {
        if (values.Count == 0) return;
        json.WriteStartObject(name);
        foreach (var (key, value) in values) json.WriteString(key, value);
        json.WriteEndObject();
    }

    /// <summary>A member that every document of its kind has.</summary>
    public static T Require<T>(T? value, string name)
        where T : class => value ?? throw new JsonException($"'{name}' is missing.");

    /// <inheritdoc cref="Require{T}(T, string)"/>
    public static T Require<T>(T? value, string name)
        where T : struct => value ?? throw new JsonException($"'{name}' is missing.");
}
