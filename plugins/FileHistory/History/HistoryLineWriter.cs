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
            if (append.RunId is { } run)
            {
                json.WriteString("run", run);
                json.WriteNumber("attempt", append.Attempt);
                json.WriteNumber("step", append.Step);
            }

            json.WriteString("outcome", ToName(append.Outcome));
            json.WriteStartArray("ids");
            foreach (var message in append.Messages) json.WriteStringValue(message.Id);
            json.WriteEndArray();
            WritePinned(json, append.Messages);
            json.WriteStartArray("messages");
            foreach (var message in append.Messages) json.WriteRawValue(message.ToDocument().Span, skipInputValidation: true);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Their indexes, so that a reader finds them without the messages.</summary>
    private static void WritePinned(Utf8JsonWriter json, IReadOnlyList<HistoryMessage> messages)
    {
        if (!messages.Any(m => m.IsPinned)) return;
        json.WriteStartArray("pinned");
        foreach (var (index, message) in messages.Index())
        {
            if (message.IsPinned) json.WriteNumberValue(index);
        }

        json.WriteEndArray();
    }

    private static string ToName(RunOutcome outcome) => outcome switch
    {
        RunOutcome.Failed => "failed",
        RunOutcome.Cancelled => "cancelled",
        _ => "completed",
    };
}
