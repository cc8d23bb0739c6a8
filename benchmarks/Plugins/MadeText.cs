namespace PluginHost.Benchmarks.Plugins;

/// <summary>Text of made words, of which few are common and most are rare, as in a language. The same at each start.</summary>
internal sealed class MadeText
{
    private const int Words = 6_000;

    private readonly Random _random = new(19);
    private readonly string[] _words;
    private readonly double[] _weights;

    public MadeText()
    {
        string[] syllables = ["ba", "ce", "di", "fo", "gu", "ha", "ke", "li", "mo", "nu", "pa", "re", "so", "ta", "ve", "wi", "za", "tor", "mel", "kan"];
        _words = [.. Enumerable.Range(0, Words).Select(i => string.Concat(syllables[i % 20], syllables[i / 20 % 20], syllables[i / 400 % 20]))];
        _weights = new double[Words];
        var sum = 0.0;
        for (var i = 0; i < Words; i++) _weights[i] = sum += 1.0 / (i + 1);
    }

    public string Sentence(int words) => $"{string.Join(' ', Enumerable.Range(0, words).Select(_ => Next()))}.";

    /// <summary>A document with headings and paragraphs.</summary>
    public string Document(int sections) =>
        string.Join("\n\n", Enumerable.Range(0, sections).Select(_ => $"# {Sentence(4)}\n\n{string.Join(' ', Enumerable.Range(0, 14).Select(_ => Sentence(10)))}"));

    private string Next()
    {
        var at = Array.BinarySearch(_weights, _random.NextDouble() * _weights[^1]);
        return _words[Math.Min(at < 0 ? ~at : at, Words - 1)];
    }
}
