using System.Buffers;
using System.Text.Json;
using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>
/// Reads the JSON of rows that schema 1 and 2 wrote, by turning it into a document of the SDK. Such a row gets the new form when it is
/// written again.
/// </summary>
internal static class EarlierRows
{
    /// <param name="json">The message in the form of Microsoft.Extensions.AI.</param>
    /// <returns>The message; its other members are in the row's columns.</returns>
    public static HistoryMessage ReadMessage(ReadOnlySpan<byte> json) =>
        HistoryMessage.FromDocument((byte[])[.. """{"id":"","message":"""u8, .. json, (byte)'}']);

    /// <param name="json">The run's members in snake case.</param>
    /// <param name="output">The messages of the output.</param>
    /// <param name="usage">The tokens used; null for none.</param>
    /// <returns>The run; its ids and its idempotency key are in the row's columns.</returns>
    public static RunRecord ReadRun(byte[] json, ReadOnlySpan<byte> output, string? usage)
    {
        var buffer = new ArrayBufferWriter<byte>(json.Length + output.Length + 256);
        using (var run = JsonDocument.Parse(json, JsonDepth.Any))
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, "");
            writer.WriteStartObject("session"u8);
            writer.WriteString("tenant"u8, "");
            writer.WriteString("id"u8, "");
            writer.WriteEndObject();
            foreach (var member in run.RootElement.EnumerateObject()) WriteMember(writer, member);
            writer.WritePropertyName("output"u8);
            writer.WriteRawValue(output, skipInputValidation: true);
            if (usage is not null)
            {
                writer.WritePropertyName("usage"u8);
                writer.WriteRawValue(usage, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return RunRecord.FromDocument(buffer.WrittenSpan);
    }

    private static void WriteMember(Utf8JsonWriter writer, JsonProperty member)
    {
        writer.WritePropertyName(ToCamelCase(member.Name));
        switch (member.Name)
        {
            case "status":
                writer.WriteStringValue(JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Value.GetString()!));
                break;
            case "error" when member.Value.ValueKind == JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var part in member.Value.EnumerateObject()) WriteMember(writer, part);
                writer.WriteEndObject();
                break;
            default:
                member.Value.WriteTo(writer);
                break;
        }
    }

    private static string ToCamelCase(string name)
    {
        var words = name.Split('_');
        return string.Concat(words.Select((word, i) => i == 0 || word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
    }
}
