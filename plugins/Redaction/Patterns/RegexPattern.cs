using System.Text.RegularExpressions;

namespace PluginHost.Redaction;

/// <summary>A configured pattern: a regular expression whose matches have a bounded length.</summary>
internal sealed class RegexPattern : Pattern
{
    private readonly Regex _regex;
    private readonly PrefixAutomaton _prefixes;

    private RegexPattern(string name, Regex regex, PrefixAutomaton prefixes, int maxLength)
        : base(name, maxLength + PrefixAutomaton.Lookahead) => (_regex, _prefixes) = (regex, prefixes);

    /// <param name="name">The name, as it appears in the replacement.</param>
    /// <param name="regex">The expression.</param>
    /// <param name="maxLength">How long a match can be at most.</param>
    /// <exception cref="FormatException">The expression cannot be used; the message says why and what cures it.</exception>
    public static RegexPattern Create(string name, string regex, int maxLength)
    {
        var compiled = Compile(regex);
        var node = RegexReader.Read(regex);
        if (node.Min == 0) throw new FormatException("it matches empty text too: make a part of it required");
        if (node.Max > maxLength)
        {
            var longest = node.Max == RegexNode.Unbounded ? "any number of" : $"up to {node.Max}";
            throw new FormatException(
                $"it can match {longest} characters, more than its MaxLength {maxLength}: bound its repetitions, for example {{1,20}} for +, or raise MaxLength");
        }

        return new(name, compiled, new PrefixAutomaton(node), maxLength);
    }

    public override Scan Next(ReadOnlySpan<char> text, int position, int lastEnd, bool final)
    {
        foreach (var match in _regex.EnumerateMatches(text, position))
        {
            if (final || match.Index + MaxHeld <= text.Length || match.Index < FindOpen(text, position))
                return new(match.Index, match.Index + match.Length);
            break;
        }

        return Scan.NoneBefore(final ? text.Length : FindOpen(text, position));
    }

    private int FindOpen(ReadOnlySpan<char> text, int position) => _prefixes.FindOpen(text, Math.Max(position, text.Length - MaxHeld));

    private static Regex Compile(string regex)
    {
        try
        {
            return new Regex(regex, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException e)
        {
            throw new FormatException($"it cannot be matched in linear time: do without lookarounds, back references, atomic groups and conditions ({e.Message})");
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"it is not a regular expression: {e.Message}");
        }
    }
}
