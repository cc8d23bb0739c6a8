using System.Globalization;
using System.Text.RegularExpressions;

namespace PluginHost.Redaction;

/// <summary>Parses a regular expression that .NET has accepted for non-backtracking matching.</summary>
/// <remarks>
/// .NET does not report how long a match can be, or whether a text could be the start of a match. Both follow from the structure of
/// the expression. .NET still does the matching.
/// </remarks>
internal sealed partial class RegexParser
{
    private readonly string _regex;
    private readonly Dictionary<(string Element, RegexOptions Options), CharMatcher> _matchers = [];
    private int _at;

    private RegexParser(string regex) => _regex = regex;

    /// <exception cref="FormatException">The expression has an unsupported element.</exception>
    public static RegexNode Parse(string regex) => new RegexParser(regex).ReadChoice(RegexOptions.None);

    private bool AtEnd => _at >= _regex.Length;

    private char Current => _regex[_at];

    private RegexNode ReadChoice(RegexOptions options)
    {
        var choices = new List<RegexNode>();
        var parts = new List<RegexNode>();
        while (!AtEnd && Current != ')')
        {
            if (Current == '|')
            {
                _at++;
                choices.Add(new RegexNode.Sequence(parts));
                parts = [];
            }
            else if (ReadAtom(ref options) is { } atom)
            {
                parts.Add(ReadQuantifier(atom));
            }
        }

        choices.Add(new RegexNode.Sequence(parts));
        return choices.Count == 1 ? choices[0] : new RegexNode.Choice(choices);
    }

    private RegexNode? ReadAtom(ref RegexOptions options)
    {
        var start = _at++;
        switch (_regex[start])
        {
            case '(':
                return ReadGroup(ref options);
            case '^' or '$':
                return new RegexNode.Anchor();
            case '[':
                SkipClass();
                break;
            case '\\':
                if (ReadEscape() is { } anchor) return anchor;
                break;
        }

        return CreateCharacter(_regex[start.._at], options);
    }

    /// <summary>Reads a group after its parenthesis. Returns null for inline options.</summary>
    private RegexNode? ReadGroup(ref RegexOptions options)
    {
        var inner = options;
        if (!AtEnd && Current == '?')
        {
            _at++;
            switch (Current)
            {
                case ':':
                    _at++;
                    break;
                case '<' or '\'' when _regex[_at + 1] is not ('=' or '!'):
                    _at = _regex.IndexOf(Current == '<' ? '>' : '\'', _at + 1) + 1;
                    break;
                default:
                    inner = ReadOptions(options);
                    if (_regex[_at++] != ')') break;
                    options = inner;
                    return null;
            }
        }

        var group = ReadChoice(inner);
        _at++;
        return group;
    }

    private RegexOptions ReadOptions(RegexOptions options)
    {
        for (var on = true; Current is not (')' or ':'); _at++)
        {
            var option = char.ToLowerInvariant(Current) switch
            {
                'i' => RegexOptions.IgnoreCase,
                's' => RegexOptions.Singleline,
                // These options only change anchors and captures.
                'm' or 'n' or '-' or '+' => RegexOptions.None,
                var other => throw new FormatException($"'(?{other}' is not supported."),
            };
            if (Current is '-' or '+') on = Current == '+';
            options = on ? options | option : options & ~option;
        }

        return options;
    }

    private RegexNode ReadQuantifier(RegexNode part)
    {
        while (!AtEnd)
        {
            if (Current is '*' or '+' or '?')
            {
                part = new RegexNode.Repeat(part, Current == '+' ? 1 : 0, Current == '?' ? 1 : int.MaxValue);
                _at++;
            }
            else if (Current == '{' && TryReadCount() is var (min, max))
            {
                part = new RegexNode.Repeat(part, min, max);
            }
            else
            {
                break;
            }

            // Lazy and greedy quantifiers match texts of the same lengths.
            if (!AtEnd && Current == '?') _at++;
        }

        return part;
    }

    private (int Min, int Max)? TryReadCount()
    {
        var match = Regex.Match(_regex[_at..], @"\A\{([0-9]+)(,([0-9]*))?\}", RegexOptions.CultureInvariant);
        if (!match.Success) return null;
        _at += match.Length;
        var min = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        if (!match.Groups[2].Success) return (min, min);
        return (min, match.Groups[3].Length == 0 ? int.MaxValue : int.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture));
    }
}
