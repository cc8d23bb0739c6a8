using System.Globalization;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Runs.Transcripts;

/// <summary>
/// A rolling hash of what user and assistant said. Only their text counts, without white space, and neighbouring messages of one
/// role count as one: clients differ in what they keep of tool calls, in how they cut an answer into messages, and in what they trim.
/// FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/): it can be continued from its value, and a client could only
/// deceive itself.
/// </summary>
internal record struct TranscriptHash
{
    private const ulong Basis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    private ulong _hash = Basis;
    private ulong _first;
    private char _role = ' ';

    /// <summary>Whether white space counts, as in hashes that were stored by earlier versions: their roles are in lower case.</summary>
    private bool _hasSpace;

    public TranscriptHash()
    {
    }

    /// <summary>How many characters of text went in.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the user had the last word.</summary>
    public readonly bool IsUnanswered => char.ToLowerInvariant(_role) == 'u';

    /// <summary>The hash of the first message with text; meaningless before there is one.</summary>
    public readonly string First => _first.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>The last role and the hash, to continue from.</summary>
    public readonly string Text => string.Create(CultureInfo.InvariantCulture, $"{_role}{_hash:x16}");

    /// <summary>Continues from a stored value; from the beginning when no text was added before.</summary>
    public static TranscriptHash From(int count, ReadOnlySpan<char> text, ReadOnlySpan<char> first) => count == 0 ? new TranscriptHash() : new TranscriptHash
    {
        Count = count,
        _role = text[0],
        _hasSpace = char.IsLower(text[0]),
        _hash = Number(text[1..]),
        _first = Number(first),
    };

    /// <summary>The hash of nothing, for comparing with this one.</summary>
    public readonly TranscriptHash Beginning => new() { _hasSpace = _hasSpace };

    public void Add(ChatMessage message)
    {
        var role = message.Role == ChatRole.User ? 'U' : message.Role == ChatRole.Assistant ? 'A' : ' ';
        if (role == ' ') return;
        if (_hasSpace) role = char.ToLowerInvariant(role);
        var before = Count;
        for (var i = 0; i < message.Contents.Count; i++)
        {
            if (message.Contents[i] is not TextContent { Text: { Length: > 0 } text }) continue;
            foreach (var c in text)
            {
                if (!_hasSpace && char.IsWhiteSpace(c)) continue;
                if (role != _role) Mix(_role = role);
                Count++;
                Mix(c);
            }
        }

        if (before == 0 && Count > 0) _first = _hash;
    }

    public readonly TranscriptHash With(IReadOnlyList<ChatMessage> messages)
    {
        var hash = this;
        for (var i = 0; i < messages.Count; i++) hash.Add(messages[i]);
        return hash;
    }

    private static ulong Number(ReadOnlySpan<char> text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private void Mix(char c) => _hash = (_hash ^ c) * Prime;
}
