using System.Text;
using System.Text.Json;

namespace PluginHost.Engine.Configuration.Sources;

/// <summary>What a token of a file is.</summary>
internal enum TokenKind
{
    /// <summary>A member's name, or the beginning of an element of a list: where a path begins.</summary>
    Start,
    Text,
    Comment,
}

/// <summary>A token of a file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">The path of its value, <c>Agents:assistant:Chain:0</c>; of a comment, of what surrounds it.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Start">Its first byte.</param>
/// <param name="Length">How many bytes it has.</param>
internal readonly record struct JsonToken(TokenKind Kind, string Path, int Line, int Start, int Length);

/// <summary>Finds the places of values and comments in JSON, which the reader of the configuration does not keep.</summary>
internal static class JsonTokens
{
    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Allow, AllowTrailingCommas = true };

    /// <summary>The tokens of a text that is JSON; those before the first error of one that is not.</summary>
    public static IReadOnlyList<JsonToken> Read(string text)
    {
        var scan = new Scan(Encoding.UTF8.GetBytes(text));
        var reader = new Utf8JsonReader(scan.Bytes, Options);
        try
        {
            while (reader.Read()) scan.Add(ref reader);
        }
        catch (JsonException)
        {
            // The reader of the configuration reports it.
        }

        return scan.Tokens;
    }

    private sealed class Scan(byte[] bytes)
    {
        private readonly Stack<(string Path, int? Index)> _open = new();
        private string _path = "";
        private int _line = 1;
        private int _counted;

        public byte[] Bytes { get; } = bytes;

        public List<JsonToken> Tokens { get; } = [];

        public void Add(ref Utf8JsonReader reader)
        {
            var (start, length) = ((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex));
            switch (reader.TokenType)
            {
                case JsonTokenType.Comment:
                    Add(TokenKind.Comment, start, length);
                    break;
                case JsonTokenType.PropertyName:
                    _path = Join(_open.Peek().Path, reader.GetString()!);
                    Add(TokenKind.Start, start, length);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    _path = _open.Pop().Path;
                    break;
                default:
                    AddValue(reader.TokenType, start, length);
                    break;
            }
        }

        private void AddValue(JsonTokenType type, int start, int length)
        {
            if (_open.TryPeek(out var parent) && parent.Index is { } index)
            {
                _open.Pop();
                _open.Push((parent.Path, index + 1));
                _path = Join(parent.Path, $"{index}");
                Add(TokenKind.Start, start, length);
            }

            if (type == JsonTokenType.String) Add(TokenKind.Text, start, length);
            if (type is JsonTokenType.StartObject or JsonTokenType.StartArray) _open.Push((_path, type == JsonTokenType.StartArray ? 0 : null));
        }

        private void Add(TokenKind kind, int start, int length)
        {
            _line += Bytes.AsSpan(_counted, start - _counted).Count((byte)'\n');
            _counted = start;
            Tokens.Add(new JsonToken(kind, _path, _line, start, length));
        }

        private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}:{name}";
    }
}
