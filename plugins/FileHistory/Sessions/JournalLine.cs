using System.Buffers;
using System.Text;
using System.Text.Json;
using PluginHost.Files.Storage;

namespace PluginHost.Files.Sessions;

/// <summary>One write to the journal of a run, as one line: all of it was written, or its line feed is missing.</summary>
/// <param name="FirstStep">The position of the first step.</param>
/// <param name="Steps">Where the steps are in the line.</param>
/// <param name="Run">Where the record is in the line; null without one.</param>
internal sealed record JournalLine(int FirstStep, IReadOnlyList<Range> Steps, Range? Run)
{
    private const int Version = 1;

    public static ReadOnlyMemory<byte> Write(JournalWrite write)
    {
        var line = new ArrayBufferWriter<byte>();
        line.Write(Encoding.UTF8.GetBytes($"{{\"v\":{Version},\"first\":{write.FirstStep},\"steps\":["));
        for (var i = 0; i < write.Steps.Count; i++)
        {
            if (write.Steps[i].Span.Contains((byte)'\n')) throw new ArgumentException("A step must not have line feeds.", nameof(write));
            if (i > 0) line.Write(","u8);
            line.Write(write.Steps[i].Span);
        }

        line.Write("]"u8);
        if (write.Run is { } run)
        {
            line.Write(",\"run\":"u8);
            line.Write(run.ToDocument().Span);
        }

        line.Write("}\n"u8);
        return line.WrittenMemory;
    }

    /// <exception cref="JsonException">It is not the line of a journal, or that of a later version.</exception>
    public static JournalLine Read(ReadOnlySpan<byte> line)
    {
        try
        {
            var json = new Utf8JsonReader(line, StoredJson.Reader);
            var (version, first) = (0, 0);
            List<Range> steps = [];
            Range? run = null;
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString();
                json.Read();
                if (name == "v") version = json.GetInt32();
                else if (name == "first") first = json.GetInt32();
                else if (name == "steps") ReadSteps(ref json, steps);
                else if (name == "run") run = Skip(ref json);
                else json.Skip();
            }

            if (version != Version) throw new JsonException($"Expected version {Version}, got {version}.");
            return new JournalLine(first, steps, run);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            // The JSON reader reports a value of the wrong type with these exceptions.
            throw new JsonException(e.Message, e);
        }
    }

    private static void ReadSteps(ref Utf8JsonReader json, List<Range> steps)
    {
        if (json.TokenType != JsonTokenType.StartArray) throw new JsonException("Expected a list of steps.");
        while (json.Read() && json.TokenType != JsonTokenType.EndArray) steps.Add(Skip(ref json));
    }

    /// <summary>Skips a value and returns where it is.</summary>
    private static Range Skip(ref Utf8JsonReader json)
    {
        var start = (int)json.TokenStartIndex;
        json.Skip();
        return start..(int)json.BytesConsumed;
    }
}
