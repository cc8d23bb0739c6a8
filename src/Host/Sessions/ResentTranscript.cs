using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Sessions;

/// <summary>Recognises a caller who sends the whole conversation again, and finds what is new in it.</summary>
internal static class ResentTranscript
{
    /// <summary>The messages of an input that the session does not have yet.</summary>
    /// <param name="input">The input as received.</param>
    /// <param name="seen">What the caller has seen of the session; null before the first run.</param>
    /// <param name="acceptDiverged">Whether an input that begins like the session and then differs is all new.</param>
    /// <exception cref="ProblemException">409 when the input begins like the session and then differs; 400 when nothing is new.</exception>
    public static IReadOnlyList<ChatMessage> FindNew(IReadOnlyList<ChatMessage> input, TranscriptMark? seen, bool acceptDiverged = false)
    {
        // Without an answer in it, an input is something new to say, even when it repeats what was said before.
        if (seen is null || !input.Any(m => m.Role == ChatRole.Assistant)) return input;

        var hash = new TranscriptHash();
        var known = -1;
        for (var i = 0; i < input.Count; i++)
        {
            hash.Add(input[i]);
            if (!hash.Equals(seen)) continue;
            // Messages without text do not change the hash. The assistant's belong to what was seen; a tool's result is new.
            if (known < 0 || (known == i && input[i].Role == ChatRole.Assistant)) known = i + 1;
        }

        if (known == input.Count)
            throw new ProblemException(400, "nothing-new", "The input repeats the session and adds nothing to it. Send a new message behind it, or only the new message.");
        if (known > 0) return input.Skip(known).ToList();
        if (acceptDiverged || !hash.BeganLike(seen)) return input;
        throw new ProblemException(
            409,
            "transcript-diverged",
            "The input begins like this session and then differs from it. Send only the new messages, or fork the session at the run to go on from.");
    }

    /// <summary>The mark after a run.</summary>
    public static TranscriptMark? Continue(TranscriptMark? seen, IReadOnlyList<ChatMessage> input, IReadOnlyList<ChatMessage> output)
    {
        var hash = TranscriptHash.From(seen);
        foreach (var message in input) hash.Add(message);
        foreach (var message in output) hash.Add(message);
        return hash.ToMark();
    }
}
