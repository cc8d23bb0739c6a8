using System.Text.RegularExpressions;

namespace PluginHost.Redaction;

/// <summary>A configured pattern: a regular expression whose matches have a bounded length.</summary>
internal sealed class RegexPattern : Pattern
{
    private readonly Regex _regex;
    private readonly PrefixAutomaton _prefixes;

    private RegexPattern(string name, Regex regex, PrefixAutomaton prefixes, int maxLength)
        : base(name, maxLength + PrefixAutomaton.Lookahead) => (_regex, _prefixes) = (regex, prefixes);

    /// <param name="name">The name in the replacement.</param>
    /// <param name="regex">The expression.</param>
    /// <param name="maxLength">The maximum length of a match.</param>
    /// <exception cref="FormatException">The expression is not supported. The message names cause and remedy.</exception>
    public static RegexPattern Create(string name, string regex, int maxLength)
    {
        var compiled = Compile(regex);
        var node = RegexParser.Parse(regex);
        if (node.Min == 0) throw new FormatException("The expression matches empty text. Make a part of it required.");
        if (node.Max > maxLength)
        {
            var longest = node.Max == RegexNode.Unbounded ? "any number of" : $"up to {node.Max}";
            throw new FormatException(
                $"The expression can match {longest} characters, but MaxLength is {maxLength}. Limit its repetitions, for example {{1,20}} instead of +, or raise MaxLength.");
        }

        return new(name, compiled, new PrefixAutomaton(node), maxLength);
    }

    public override ScanResult Next(ReadOnlySpan<char> text, int position, int lastEnd, bool final)
    {
        foreach (var match in _regex.EnumerateMatches(text, position))
        {
            if (final || match.Index + MaxHeldLength <= text.Length || match.Index < FindUndecided(text, position))
                return new(match.Index, match.Index + match.Length);
            break;
        }

        return ScanResult.NoMatchBefore(final ? text.Length : FindUndecided(text, position));
    }

    private int FindUndecided(ReadOnlySpan<char> text, int position) => _prefixes.FindUndecided(text, Math.Max(position, text.Length - MaxHeldLength));

    private static Regex Compile(string regex)
    {
        try
        {
            return new Regex(regex, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException e)
        {
            throw new FormatException($"The expression cannot be matched in linear time. Remove lookarounds, back references, atomic groups and conditions ({e.Message}).");
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"The expression is not a regular expression: {e.Message}");
        }
    }
}
