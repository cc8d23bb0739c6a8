using System.Buffers;
using System.Text;
using System.Text.Json;
using PluginHost.Engine.Observation;
using PluginHost.ModelClients.OpenAI.Chat;

namespace PluginHost.ModelClients.OpenAI.Relay;

/// <summary>
/// Finds id, model, usage and error in JSON that passes by in pieces: a document, or the data of events. Keeps no more than the member
/// that it is reading, so that an answer of any size takes the same memory. Not thread-safe.
/// </summary>
/// <param name="hasEvents">Whether each document is in one line.</param>
internal sealed class AnswerScanner(bool hasEvents)
{
    private const int MaxMember = 8 * 1024;
    private const int MaxName = 16;

    private static readonly SearchValues<byte> InText = SearchValues.Create("\"\\\n"u8);
    private static readonly SearchValues<byte> OutsideText = SearchValues.Create("\"{}[]:,\n"u8);

    private readonly ArrayBufferWriter<byte> _name = new(MaxName);
    private readonly ArrayBufferWriter<byte> _member = new();
    private int _depth;
    private bool _isInText;
    private bool _isEscaped;
    private bool _isName;
    private bool _isObject;
    private string? _found;
    private string? _id;
    private string? _model;
    private JsonElement? _usage;

    /// <summary>How many documents have ended.</summary>
    public int Documents { get; private set; }

    /// <summary>The error of a document; null when none has one.</summary>
    public JsonElement? Error { get; private set; }

    public ObservedModelAnswer Facts => new(_id, _model, _usage is { } usage ? ChatUsageReader.Read(usage) : null);

    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_found is null && !(_isName && _isInText) && !_isEscaped)
            {
                var next = bytes.IndexOfAny(_isInText ? InText : OutsideText);
                if (next < 0) return;
                bytes = bytes[next..];
            }

            Step(bytes[0]);
            bytes = bytes[1..];
        }
    }

    private void Step(byte read)
    {
        if (read == '\n' && hasEvents) Reset();
        else if (_isInText) StepInText(read);
        else if (read == '"' && _depth > 0) BeginText();
        else if (read is (byte)'{' or (byte)'[') Open(read);
        else if (read is (byte)'}' or (byte)']') Close(read);
        else if (read == ':' && _depth == 1 && _isName) BeginMember();
        else if (read == ',' && _depth == 1) EndMember();
        else if (_found is not null) Keep(read);
    }

    private void StepInText(byte read)
    {
        var ends = !_isEscaped && read == '"';
        _isEscaped = !_isEscaped && read == '\\';
        if (_found is not null) Keep(read);
        else if (_isName && !ends && _name.WrittenCount < MaxName) Add(_name, read);
        if (ends) _isInText = false;
    }

    private void BeginText()
    {
        _isInText = true;
        if (_found is not null) Keep((byte)'"');
        else if (_isName) _name.ResetWrittenCount();
    }

    private void Open(byte read)
    {
        if (_depth++ == 0) _isObject = _isName = read == '{';
        else if (_found is not null) Keep(read);
    }

    private void Close(byte read)
    {
        if (_depth == 0) return;
        if (--_depth > 0)
        {
            if (_found is not null) Keep(read);
            return;
        }

        EndMember();
        _isName = false;
        Documents++;
    }

    private void BeginMember()
    {
        _isName = false;
        _found = Encoding.UTF8.GetString(_name.WrittenSpan) switch
        {
            "id" => "id",
            "model" => "model",
            "usage" => "usage",
            "error" => "error",
            _ => null,
        };
        _member.ResetWrittenCount();
    }

    private void EndMember()
    {
        if (_found is { } name && Parse() is { } value)
        {
            if (name == "id" && value.ValueKind == JsonValueKind.String) _id ??= value.GetString();
            else if (name == "model" && value.ValueKind == JsonValueKind.String) _model ??= value.GetString();
            else if (name == "usage" && value.ValueKind == JsonValueKind.Object) _usage = value;
            else if (name == "error" && value.ValueKind is JsonValueKind.Object or JsonValueKind.String) Error = value;
        }

        _found = null;
        _isName = _isObject;
    }

    private JsonElement? Parse()
    {
        try
        {
            return JsonElement.Parse(_member.WrittenSpan);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps a part of the member; skips a member that is too long.</summary>
    private void Keep(byte read)
    {
        if (_member.WrittenCount < MaxMember) Add(_member, read);
        else _found = null;
    }

    private static void Add(ArrayBufferWriter<byte> buffer, byte read)
    {
        buffer.GetSpan(1)[0] = read;
        buffer.Advance(1);
    }

    private void Reset()
    {
        (_depth, _isInText, _isEscaped, _isName, _found) = (0, false, false, false, null);
    }
}
