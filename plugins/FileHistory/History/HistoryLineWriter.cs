using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PluginHost.Files.History;

/// <summary>Writes appends as lines that people can read: characters are escaped only where JSON requires it.</summary>
internal static class HistoryLineWriter
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an append as one line with its line feed.</summary>
    public static byte[] Write(HistoryAppend append)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteNumber("v", HistoryLine.Version);
            json.WriteString("tenant", append.Session.Tenant);
            json.WriteString("session", append.Session.Id);
            WriteRun(json, append);
            json.WriteString("at", append.CreatedAt);
            json.WriteStartArray("messages");
            foreach (var message in append.Messages) WriteMessage(json, message);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteRun(Utf8JsonWriter json, HistoryAppend append)
    {
        if (append.RunId is { } run)
        {
            json.WriteString("run", run);
            json.WriteNumber("attempt", append.Attempt);
            json.WriteNumber("step", append.Step);
        }

        if (append.Agent is { } agent) json.WriteString("agent", agent);
        json.WriteString("outcome", HistoryEnumNames.ToName(append.Outcome));
        if (append.ErrorType is { } error) json.WriteString("error", error);
    }

    private static void WriteMessage(Utf8JsonWriter json, HistoryMessage message)
    {
        json.WriteStartObject();
        json.WriteString("id", message.Id);
        json.WriteString("part", HistoryEnumNames.ToName(message.Origin));
        if (message.Source is { } source) json.WriteString("source", source);
        json.WritePropertyName("message");
        JsonSerializer.Serialize(json, message.Message, HistoryLine.MessageType);
        json.WriteEndObject();
    }
}
