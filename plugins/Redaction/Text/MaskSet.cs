namespace PluginHost.Redaction;

/// <summary>Patterns with their replacements. Immutable and thread-safe.</summary>
internal sealed class MaskSet
{
    private readonly string[] _replacements;

    /// <param name="patterns">The patterns. Where several match at the same start, the longest match wins, then the first pattern.</param>
    /// <param name="replacement">The text that replaces a match; <c>{name}</c> in it becomes the pattern's name.</param>
    public MaskSet(IReadOnlyList<Pattern> patterns, string replacement)
    {
        Patterns = patterns;
        _replacements = [.. patterns.Select(p => replacement.Replace("{name}", p.Name, StringComparison.Ordinal))];
    }

    public IReadOnlyList<Pattern> Patterns { get; }

    /// <summary>Masks a complete text.</summary>
    /// <returns>The same string when nothing matched.</returns>
    public string Mask(string text) => text.Length == 0 ? text : new TextMask(this).AddLast(text);

    public string GetReplacement(int pattern) => _replacements[pattern];
}
