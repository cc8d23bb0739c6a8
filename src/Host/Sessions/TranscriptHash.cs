using System.Globalization;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Sessions;

/// <summary>
/// A rolling hash of what user and assistant said. Only their text counts, and neighbouring messages of one role count as
/// one: clients differ in what they keep of tool calls and in how they cut an answer into messages. FNV-1a, 64 bits
/// (http://www.isthe.com/chongo/tech/comp/fnv/): it can be continued from its value, and a client could only deceive itself.
/// </summary>
internal struct TranscriptHash
{
    private const ulong Basis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    private ulong _hash = Basis;
    private ulong _first;
    private bool _hasFirst;
    private char _role = ' ';

    public TranscriptHash()
    {
    }

    /// <summary>How many characters of text went in.</summary>
    public int Count { get; private set; }

    /// <summary>Goes on where a mark was set; from the beginning when there is none.</summary>
    public static TranscriptHash From(TranscriptMark? mark)
    {
        if (mark is null) return new TranscriptHash();
        return new TranscriptHash
        {
            _hash = ulong.Parse(mark.Hash.AsSpan(1), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            _first = ulong.Parse(mark.First, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            _hasFirst = true,
            _role = mark.Hash[0],
            Count = mark.Count,
        };
    }

    /// <summary>Null as long as no text has gone in.</summary>
    public readonly TranscriptMark? ToMark() =>
        _hasFirst ? new TranscriptMark(Count, _first.ToString("x16", CultureInfo.InvariantCulture), Text()) : null;

    public readonly bool Equals(TranscriptMark mark) => Count == mark.Count && Text() == mark.Hash;

    /// <summary>Whether the first message is the one that a mark began with.</summary>
    public readonly bool BeganLike(TranscriptMark mark) =>
        _hasFirst && _first.ToString("x16", CultureInfo.InvariantCulture) == mark.First;

    public void Add(ChatMessage message)
    {
        var role = message.Role == ChatRole.User ? 'u' : message.Role == ChatRole.Assistant ? 'a' : ' ';
        if (role == ' ') return;
        var any = false;
        for (var i = 0; i < message.Contents.Count; i++)
        {
            if (message.Contents[i] is not TextContent { Text: { Length: > 0 } text }) continue;
            if (role != _role) Mix(_role = role);
            any = true;
            Count += text.Length;
            foreach (var c in text) Mix(c);
        }

        if (any && !_hasFirst) (_first, _hasFirst) = (_hash, true);
    }

    private readonly string Text() => string.Create(CultureInfo.InvariantCulture, $"{_role}{_hash:x16}");

    private void Mix(char c) => _hash = (_hash ^ c) * Prime;
}
