using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Transcripts;

/// <summary>Recognises a caller who sends the whole conversation again, and finds what is new in it.</summary>
internal static class TranscriptMatcher
{
    /// <summary>The messages of an input that the session does not have yet, and what their sender has seen before them.</summary>
    /// <param name="input">The input as received.</param>
    /// <param name="mark">What the caller has seen of the session; null before the first run.</param>
    /// <param name="acceptDiverged">Whether an input that begins like the session and then differs is all new.</param>
    /// <exception cref="ProblemException">409 when the input begins like the session and then differs; 400 when nothing is new.</exception>
    public static (IReadOnlyList<ChatMessage> New, TranscriptFingerprint Seen) FindNew(
        IReadOnlyList<ChatMessage> input, TranscriptMark? mark, bool acceptDiverged = false)
    {
        var seen = TranscriptFingerprint.From(mark);
        var hasAnswer = HasAnswer(input);
        // Without an answer in it, an input is something new to say, even when it repeats what was said before; unless what was said
        // before has no answer either, and more follows.
        if (mark is null || (!hasAnswer && (input.Count == 1 || !seen.IsUnanswered))) return (input, seen);

        var (known, seenBySender) = seen.Match(input);
        if (known == input.Count)
        {
            return hasAnswer
                ? throw new ProblemException(ProblemTypes.NothingNew, "The input repeats the session and adds nothing to it. Send a new message behind it, or only the new message.")
                : (input, seen);
        }

        if (known > 0) return ([.. input.Skip(known)], seenBySender);
        if (acceptDiverged || !hasAnswer || !seen.BeganLike(new TranscriptHash().With(input))) return (input, seen);
        throw new ProblemException(
            ProblemTypes.TranscriptDiverged,
            "The input begins like this session and then differs from it. Send only the new messages, or fork the session at the run to continue from.");
    }

    private static bool HasAnswer(IReadOnlyList<ChatMessage> input)
    {
        for (var i = 0; i < input.Count; i++)
        {
            if (input[i].Role == ChatRole.Assistant) return true;
        }

        return false;
    }
}
