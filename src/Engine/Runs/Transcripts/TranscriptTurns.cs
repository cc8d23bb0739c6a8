using System.Text;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Runs.Transcripts;

/// <summary>What one side said until the other one spoke, by the rules of <see cref="TranscriptHash"/>.</summary>
/// <param name="IsAnswer">Whether the assistant said it.</param>
/// <param name="Text">The text without white space.</param>
/// <param name="End">The index behind its last message.</param>
internal sealed record TranscriptTurn(bool IsAnswer, string Text, int End);

/// <summary>Cuts messages into turns.</summary>
internal static class TranscriptTurns
{
    public static List<TranscriptTurn> From(IReadOnlyList<ChatMessage> messages)
    {
        var (turns, open, isOpenAnswer, end) = (new List<TranscriptTurn>(), new StringBuilder(), false, 0);
        for (var i = 0; i < messages.Count; i++)
        {
            var isAnswer = messages[i].Role == ChatRole.Assistant;
            if (!isAnswer && messages[i].Role != ChatRole.User) continue;
            var text = WithoutSpace(messages[i].Text);
            if (text.Length == 0) continue;
            if (isAnswer != isOpenAnswer) Close();
            open.Append(text);
            (isOpenAnswer, end) = (isAnswer, i + 1);
        }

        Close();
        return turns;

        void Close()
        {
            if (open.Length > 0) turns.Add(new TranscriptTurn(isOpenAnswer, open.ToString(), end));
            open.Clear();
        }
    }

    private static string WithoutSpace(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!char.IsWhiteSpace(c)) kept.Append(c);
        }

        return kept.ToString();
    }
}
