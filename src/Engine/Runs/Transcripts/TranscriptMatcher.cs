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
                ? throw NothingNew()
                : (input, seen);
        }

        if (known > 0) return ([.. input.Skip(known)], seenBySender);
        if (acceptDiverged || !hasAnswer || !seen.BeganLike(input)) return (input, seen);
        throw new ProblemException(
            ProblemTypes.TranscriptDiverged,
            "The input begins like this session and then differs from it. Send only the new messages, or fork the session at the run to continue from.");
    }

    /// <summary>
    /// What is new in an input that repeats the end of a session, not its beginning: clients cut long transcripts. Null when it does not.
    /// </summary>
    /// <param name="input">The input, of which nothing was recognised from its beginning.</param>
    /// <param name="stored">The last messages of the session, oldest first.</param>
    /// <param name="open">The ids of the calls in them that wait for a result.</param>
    /// <exception cref="ProblemException">409 when it repeats some of the session and then differs; 400 when nothing is new.</exception>
    public static IReadOnlyList<ChatMessage>? FindBehindWindow(IReadOnlyList<ChatMessage> input, IReadOnlyList<ChatMessage> stored, IReadOnlyList<string> open)
    {
        if (FindBehindCall(input, open) is { } results) return results.Count > 0 ? results : throw NothingNew();
        var (sent, said) = (TranscriptTurns.From(input), TranscriptTurns.From(stored));
        // What follows the last answer is new.
        for (var known = sent.Count - 1; known > 0; known--)
        {
            if (sent[known - 1].IsAnswer && EndsWith(said, sent, known)) return [.. input.Skip(sent[known - 1].End)];
        }

        if (!sent.Exists(s => s.IsAnswer && said.Exists(t => t.IsAnswer && t.Text == s.Text))) return null;
        throw new ProblemException(
            ProblemTypes.TranscriptDiverged,
            "The input repeats answers of this session, but not its last ones in their order, so what is new in it is unknown. Send only the new messages, or use another session.");
    }

    /// <summary>
    /// What follows the last answer with a call that the session waits for: it names the place in a tool loop, where there may be no text to
    /// compare. Null when there is no such call.
    /// </summary>
    public static IReadOnlyList<ChatMessage>? FindBehindCall(IReadOnlyList<ChatMessage> input, IReadOnlyList<string> open)
    {
        for (var i = input.Count - 1; i >= 0 && open.Count > 0; i--)
        {
            if (input[i].Role != ChatRole.Assistant || !input[i].Contents.OfType<FunctionCallContent>().Any(c => open.Contains(c.CallId))) continue;
            return [.. input.Skip(i + 1)];
        }

        return null;
    }

    private static ProblemException NothingNew() =>
        new(ProblemTypes.NothingNew, "The input repeats the session and adds nothing to it. Send a new message behind it, or only the new message.");

    private static bool EndsWith(List<TranscriptTurn> said, List<TranscriptTurn> sent, int known)
    {
        if (known > said.Count) return false;
        for (var i = 0; i < known; i++)
        {
            var (one, other) = (sent[i], said[said.Count - known + i]);
            // The window may begin in the middle of a turn.
            if (one.IsAnswer != other.IsAnswer || !(i == 0 ? other.Text.EndsWith(one.Text, StringComparison.Ordinal) : other.Text == one.Text)) return false;
        }

        return true;
    }

    public static bool HasAnswer(IReadOnlyList<ChatMessage> input)
    {
        for (var i = 0; i < input.Count; i++)
        {
            if (input[i].Role == ChatRole.Assistant) return true;
        }

        return false;
    }
}
