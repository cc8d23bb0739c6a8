using System.Text.RegularExpressions;

namespace PluginHost.Redaction;

/// <summary>Whether a character is what one element of a regular expression stands for. Asks .NET, so that there is one truth. Thread-safe.</summary>
internal sealed class CharTest
{
    private readonly Regex _regex;
    private readonly bool[] _ascii = new bool[128];

    /// <param name="element">An element that stands for one character: a literal, an escape, a class or a dot.</param>
    /// <param name="options">The options at its place.</param>
    public CharTest(string element, RegexOptions options)
    {
        _regex = new Regex($@"\A(?:{element})\z", options | RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        Span<char> one = stackalloc char[1];
        for (var i = 0; i < _ascii.Length; i++)
        {
            one[0] = (char)i;
            _ascii[i] = _regex.IsMatch(one);
        }
    }

    public bool Passes(char c) => c < _ascii.Length ? _ascii[c] : _regex.IsMatch(new ReadOnlySpan<char>(in c));
}
