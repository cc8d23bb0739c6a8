using System.Text.RegularExpressions;

namespace PluginHost.Redaction;

/// <summary>Tests whether one element of a regular expression matches a character. Uses .NET's regular expressions. Thread-safe.</summary>
internal sealed class CharMatcher
{
    private readonly Regex _regex;
    private readonly bool[] _ascii = new bool[128];

    /// <param name="element">An element that matches one character: a literal, an escape, a class or a dot.</param>
    /// <param name="options">The options that apply to the element.</param>
    public CharMatcher(string element, RegexOptions options)
    {
        _regex = new Regex($@"\A(?:{element})\z", options | RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        Span<char> one = stackalloc char[1];
        for (var i = 0; i < _ascii.Length; i++)
        {
            one[0] = (char)i;
            _ascii[i] = _regex.IsMatch(one);
        }
    }

    public bool IsMatch(char c) => c < _ascii.Length ? _ascii[c] : _regex.IsMatch(new ReadOnlySpan<char>(in c));
}
