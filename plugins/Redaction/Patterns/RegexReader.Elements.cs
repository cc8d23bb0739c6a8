using System.Text.RegularExpressions;

namespace PluginHost.Redaction;

/// <content>The elements that stand for one character or a place.</content>
internal sealed partial class RegexReader
{
    private RegexNode.Character NewCharacter(string element, RegexOptions options)
    {
        // A bare quantifier character is only here when .NET took it literally.
        if (element is "{" or "}" or "]") element = "\\" + element;
        if (!_tests.TryGetValue((element, options), out var test)) _tests[(element, options)] = test = new CharTest(element, options);
        return new(test);
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
}
