using System.Globalization;
using System.Text.RegularExpressions;

namespace PluginHost.Redaction;

/// <summary>Reads a regular expression that .NET has accepted for non-backtracking matching.</summary>
/// <remarks>
/// .NET does not tell how long a match can be, nor whether a text could be the beginning of one. Both follow from the
/// expression's structure, which is all that is read here; what matches is left to .NET.
/// </remarks>
internal sealed partial class RegexReader
{
    private readonly string _regex;
    private readonly Dictionary<(string Element, RegexOptions Options), CharTest> _tests = [];
    private int _at;

    private RegexReader(string regex) => _regex = regex;

    /// <exception cref="FormatException">The expression holds something that is not supported.</exception>
    public static RegexNode Read(string regex) => new RegexReader(regex).ReadChoice(RegexOptions.None);

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
                return new RegexNode.Place();
            case '[':
                SkipClass();
                break;
            case '\\':
                if (ReadEscape() is { } place) return place;
                break;
        }

        return NewCharacter(_regex[start.._at], options);
    }

    /// <summary>What follows a parenthesis. Null for options, which match nothing.</summary>
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
                // These two change places and captures, and nothing here.
                'm' or 'n' or '-' or '+' => RegexOptions.None,
                var other => throw new FormatException($"'(?{other}' is not supported"),
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
            else if (Current == '{' && TryReadCount() is var (least, most))
            {
                part = new RegexNode.Repeat(part, least, most);
            }
            else
            {
                break;
            }

            // Lazy or greedy: the same texts.
            if (!AtEnd && Current == '?') _at++;
        }

        return part;
    }

    private (int Least, int Most)? TryReadCount()
    {
        var match = Regex.Match(_regex[_at..], @"\A\{([0-9]+)(,([0-9]*))?\}", RegexOptions.CultureInvariant);
        if (!match.Success) return null;
        _at += match.Length;
        var least = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        if (!match.Groups[2].Success) return (least, least);
        return (least, match.Groups[3].Length == 0 ? int.MaxValue : int.Parse(match.Groups[3].ValueSpan, CultureInfo.InvariantCulture));
    }
}
