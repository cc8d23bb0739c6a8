using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace PluginHost.Memory.Facts;

/// <summary>Chooses the facts for a run when not all fit.</summary>
internal static partial class Relevance
{
    private const int MaxWords = 64;
    private const int MaxInputChars = 10_000;

    /// <summary>The usual constant of reciprocal rank fusion: how slowly a later rank counts less.</summary>
    private const double Flatness = 60;

    /// <summary>The words of a run's input, the last ones first. Long inputs are not read to their beginning.</summary>
    public static IReadOnlyCollection<string> WordsOf(IReadOnlyList<ChatMessage> input)
    {
        var words = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var chars = MaxInputChars;
        for (var i = input.Count - 1; i >= 0 && chars > 0; i--)
        {
            if (input[i].Role != ChatRole.User) continue;
            var text = input[i].Text;
            text = text[^Math.Min(text.Length, chars)..];
            chars -= text.Length;
            foreach (var word in WordsOf(text).Reverse())
            {
                if (words.Count == MaxWords) return words;
                words.Add(word);
            }
        }

        return words;
    }

    /// <summary>The words of a text, of letters and digits alone, with the marks on them: an é may be written as two characters.</summary>
    public static IEnumerable<string> WordsOf(string text) => Word().Matches(text).Select(m => m.Value);

    /// <summary>
    /// Chooses by the sum of two ranks, that among the facts which match the input and that by age: 1 / (60 + rank) each. The best
    /// ones that fit are taken.
    /// </summary>
    /// <param name="facts">All facts, oldest first.</param>
    /// <param name="matches">The numbers of those that match the input, the best first.</param>
    /// <param name="maxChars">How many characters the chosen ones may have.</param>
    public static FactList Choose(FactList facts, IReadOnlyList<int> matches, int maxChars)
    {
        var scores = new Dictionary<int, double>(facts.Count);
        for (var i = 0; i < facts.Count; i++) scores[facts.Items[i].Id] = 1 / (Flatness + facts.Count - i);
        for (var i = 0; i < matches.Count; i++) scores[matches[i]] += 1 / (Flatness + i + 1);
        var chosen = new HashSet<int>();
        foreach (var fact in facts.Items.OrderByDescending(f => scores[f.Id]).ThenByDescending(f => f.Id))
        {
            if (fact.Text.Length > maxChars) continue;
            maxChars -= fact.Text.Length;
            chosen.Add(fact.Id);
        }

        return facts with { Items = [.. facts.Items.Where(f => chosen.Contains(f.Id))] };
    }

    [GeneratedRegex(@"[\p{L}\p{N}\p{M}]+")]
    private static partial Regex Word();
}
