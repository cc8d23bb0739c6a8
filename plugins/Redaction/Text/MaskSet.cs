namespace PluginHost.Redaction;

/// <summary>Patterns with their replacements. Immutable and thread-safe.</summary>
internal sealed class MaskSet
{
    private readonly string[] _replacements;

    /// <param name="patterns">On the same text, the longest wins, then the first.</param>
    /// <param name="replacement">What stands in the place of a match; <c>{name}</c> in it is the pattern's name.</param>
    public MaskSet(IReadOnlyList<Pattern> patterns, string replacement)
    {
        Patterns = patterns;
        _replacements = [.. patterns.Select(p => replacement.Replace("{name}", p.Name, StringComparison.Ordinal))];
    }

    public IReadOnlyList<Pattern> Patterns { get; }

    /// <summary>Masks a complete text.</summary>
    /// <returns>The same string when there was nothing to mask.</returns>
    public string Mask(string text) => text.Length == 0 ? text : new TextMask(this).MaskAll(text);

    public string ReplacementOf(int pattern) => _replacements[pattern];
}
