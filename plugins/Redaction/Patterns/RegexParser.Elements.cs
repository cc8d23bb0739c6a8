using System.Text.RegularExpressions;

namespace PluginHost.Redaction;

/// <content>Parses the elements that match one character or an anchor.</content>
internal sealed partial class RegexParser
{
    private RegexNode.Character CreateCharacter(string element, RegexOptions options)
    {
        // .NET accepts these characters as literals outside a quantifier or class.
        if (element is "{" or "}" or "]") element = "\\" + element;
        if (!_matchers.TryGetValue((element, options), out var matcher)) _matchers[(element, options)] = matcher = new CharMatcher(element, options);
        return new(matcher);
    }

    /// <summary>Reads an escape. Returns null for an escape that matches a character.</summary>
    private RegexNode.Anchor? ReadEscape()
    {
        var kind = _regex[_at++];
        switch (kind)
        {
            case 'b' or 'B' or 'A' or 'Z' or 'z':
                return new();
            case 'G' or 'k':
                throw new FormatException($@"'\{kind}' is not supported.");
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
                throw new FormatException($@"'\{kind}' is not supported. Write a character code, for example \x41 or \u0041.");
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
}
