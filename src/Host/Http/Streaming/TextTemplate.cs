using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PluginHost.Http.Streaming;

/// <summary>The JSON of events that differ in one text alone: written once, so that an event costs little beside its text. Immutable.</summary>
internal sealed class TextTemplate
{
    private readonly byte[] _before;
    private readonly byte[] _behind;

    private TextTemplate(byte[] before, byte[] behind) => (_before, _behind) = (before, behind);

    /// <param name="value">An event with an empty text.</param>
    /// <param name="type">How it is serialized.</param>
    /// <param name="member">The name of the text's member in quotes, with a colon behind it. No other member has it.</param>
    public static TextTemplate From<T>(T value, JsonTypeInfo<T> type, ReadOnlySpan<byte> member)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonResponse.WriterOptions)) JsonSerializer.Serialize(json, value, type);
        var written = buffer.WrittenSpan;
        // Quotes in a text are escaped, so that no text can be taken for the member.
        var text = written.IndexOf(member) + member.Length;
        return new TextTemplate(written[..text].ToArray(), written[(text + "\"\"".Length)..].ToArray());
    }

    /// <summary>Writes an event.</summary>
    /// <param name="output">Takes it.</param>
    /// <param name="json">Writes to the same output.</param>
    /// <param name="text">The text.</param>
    public void Write(IBufferWriter<byte> output, Utf8JsonWriter json, string text)
    {
        output.Write(_before);
        json.Reset();
        json.WriteStringValue(text);
        json.Flush();
        output.Write(_behind);
    }
}

/// <summary>The data of an event that has its own text and is otherwise like others.</summary>
internal sealed record TextEvent(TextTemplate Template, string Text);
