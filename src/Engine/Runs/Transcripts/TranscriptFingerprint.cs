using System.Globalization;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Transcripts;

/// <summary>
/// What the caller has seen of a session, in the forms in which a client may keep it: clients differ in what they keep of a run
/// that was cancelled. Immutable.
/// </summary>
internal sealed class TranscriptFingerprint
{
    private readonly TranscriptHash _whole;
    private readonly TranscriptHash _withoutPartialOutput;
    private readonly TranscriptHash _withoutCancelledRuns;

    private TranscriptFingerprint(TranscriptHash whole, TranscriptHash withoutPartialOutput, TranscriptHash withoutCancelledRuns) =>
        (_whole, _withoutPartialOutput, _withoutCancelledRuns) = (whole, withoutPartialOutput, withoutCancelledRuns);

    private TranscriptFingerprint(TranscriptHash only)
        : this(only, only, only)
    {
    }

    public static TranscriptFingerprint Empty { get; } = new(new TranscriptHash());

    /// <summary>What a session's mark says; nothing when it has none.</summary>
    public static TranscriptFingerprint From(TranscriptMark? mark)
    {
        if (mark is null) return Empty;
        var parts = mark.Hash.Split('|');
        var whole = TranscriptHash.From(mark.Count, parts[0], mark.First);
        return parts.Length == 3 ? new TranscriptFingerprint(whole, Parse(parts[1]), Parse(parts[2])) : new TranscriptFingerprint(whole);
    }

    /// <summary>Null as long as no text was said.</summary>
    public TranscriptMark? ToMark()
    {
        if (_whole.Count == 0) return null;
        return new TranscriptMark
        {
            Count = _whole.Count,
            First = _whole.First,
            Hash = HasOneForm ? _whole.Text : $"{_whole.Text}|{Write(_withoutPartialOutput)}|{Write(_withoutCancelledRuns)}",
        };
    }

    /// <summary>What was seen after one more run.</summary>
    public TranscriptFingerprint Continue(IReadOnlyList<ChatMessage> input, IReadOnlyList<ChatMessage> output, bool cancelled)
    {
        var whole = _whole.With(input).With(output);
        if (!cancelled && HasOneForm) return new TranscriptFingerprint(whole);
        return new TranscriptFingerprint(
            whole,
            cancelled ? _withoutPartialOutput.With(input) : _withoutPartialOutput.With(input).With(output),
            cancelled ? _withoutCancelledRuns : _withoutCancelledRuns.With(input).With(output));
    }

    /// <summary>Finds where an input stops repeating what was seen.</summary>
    /// <param name="input">The input.</param>
    /// <returns>
    /// How many of its messages repeat it, and what this caller has seen: the form that it keeps. 0 when it begins with something
    /// new, all of them when it says nothing new.
    /// </returns>
    public (int Known, TranscriptFingerprint Seen) Match(IReadOnlyList<ChatMessage> input)
    {
        var (known, seen, repeatsAll) = (0, this, false);
        var hash = _whole.Beginning;
        for (var i = 0; i < input.Count; i++)
        {
            var before = hash;
            hash.Add(input[i]);
            // Messages without text do not change the hash. The assistant's belong to what was seen; a tool's result is new.
            var isSeen = hash == before ? known == i && known > 0 && input[i].Role == ChatRole.Assistant : IsSeen(hash) || IsPartOfOutput(before, hash);
            if (!isSeen) continue;
            if (i + 1 == input.Count) repeatsAll = true;
            else (known, seen) = (i + 1, new TranscriptFingerprint(hash));
        }

        // Who sends all of it with the last message again, after a cancelled run, wants that one answered.
        return known == 0 && repeatsAll ? (input.Count, this) : (known, seen);
    }

    /// <summary>Whether an input that began like this one is meant to continue what was seen.</summary>
    public bool BeganLike(IReadOnlyList<ChatMessage> messages) =>
        _whole.Beginning.With(messages) is { Count: > 0 } input && (input.First == _whole.First || input.First == _withoutPartialOutput.First || input.First == _withoutCancelledRuns.First);

    /// <summary>Whether the user had the last word in one of the forms.</summary>
    public bool IsUnanswered => _whole.IsUnanswered || _withoutPartialOutput.IsUnanswered || _withoutCancelledRuns.IsUnanswered;

    /// <summary>Whether no run was cancelled, so that all clients keep the same.</summary>
    private bool HasOneForm => _whole == _withoutPartialOutput && _whole == _withoutCancelledRuns;

    private bool IsSeen(TranscriptHash hash) => hash == _whole || hash == _withoutPartialOutput || hash == _withoutCancelledRuns;

    /// <summary>
    /// The output of a cancelled run as the client got it: the connection may have been lost before all of it had arrived. That
    /// it is no longer than what was sent is all that can be said of it.
    /// </summary>
    private bool IsPartOfOutput(TranscriptHash before, TranscriptHash hash) =>
        _withoutPartialOutput.IsUnanswered && before == _withoutPartialOutput && !hash.IsUnanswered && hash.Count < _whole.Count;

    private static string Write(TranscriptHash hash) => string.Create(CultureInfo.InvariantCulture, $"{hash.Count}:{hash.Text}:{hash.First}");

    private static TranscriptHash Parse(string text)
    {
        var parts = text.Split(':');
        return TranscriptHash.From(int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1], parts[2]);
    }
}
