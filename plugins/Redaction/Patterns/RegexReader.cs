using System.Globalization;
using System.Text.RegularExpressions;

namespace PluginHost.Redaction;

/// <summary>Reads a regular expression that .NET has accepted for non-backtracking matching.</summary>
/// <remarks>
/// .NET does not tell how long a match can be, nor whether a text could be the beginning of one. Both follow from the
/// expression's structure, which is all that is read here; what matches is left to .NET.
/// </remarks>
internal sealed class RegexReader
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

    private RegexNode.Character NewCharacter(string element, RegexOptions options)
    {
        // A bare quantifier character is only here when .NET took it literally.
        if (element is "{" or "}" or "]") element = "\\" + element;
        if (!_tests.TryGetValue((element, options), out var test)) _tests[(element, options)] = test = new CharTest(element, options);
        return new(test);
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

    /// <summary>A place, or null after an escape that stands for a character.</summary>
    private RegexNode.Place? ReadEscape()
    {
        var kind = _regex[_at++];
        switch (kind)
        {
            case 'b' or 'B' or 'A' or 'Z' or 'z':
                return new();
            case 'G' or 'k':
                throw new FormatException($@"'\{kind}' is not supported");
            case 'p' or 'P':
                _at = _regex.IndexOf('}', _at) + 1;
                break;
            case 'x':
                _at += 2;
                break;
            case 'u':
                _at += 4;
                break;
            case 'c':
                _at++;
                break;
            case '0':
                for (var digits = 1; digits < 3 && !AtEnd && Current is >= '0' and <= '7'; digits++) _at++;
                break;
            case >= '1' and <= '9':
                throw new FormatException($@"'\{kind}' is not supported: write a character by its code as \x.. or \u....");
        }

        return null;
    }

    private void SkipClass()
    {
        if (Current == '^') _at++;
        for (var first = true; first || Current != ']'; first = false)
        {
            var c = _regex[_at++];
            if (c == '\\') _at++;
            else if (c == '-' && Current == '[') SkipSubtracted();
        }

        _at++;
    }

    private void SkipSubtracted()
    {
        _at++;
        SkipClass();
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
