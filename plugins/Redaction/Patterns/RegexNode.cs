namespace PluginHost.Redaction;

/// <summary>A node of a parsed regular expression: the number and the kind of the characters that it matches.</summary>
/// <param name="Min">The length of the shortest match.</param>
/// <param name="Max">The length of the longest match; <see cref="Unbounded"/> for no limit.</param>
internal abstract record RegexNode(long Min, long Max)
{
    public const long Unbounded = int.MaxValue;

    /// <summary>One character.</summary>
    public sealed record Character(CharMatcher Matcher) : RegexNode(1, 1);

    /// <summary>An anchor, such as a word boundary.</summary>
    public sealed record Anchor() : RegexNode(0, 0);

    public sealed record Sequence(IReadOnlyList<RegexNode> Parts)
        : RegexNode(Math.Min(Unbounded, Parts.Sum(p => p.Min)), Math.Min(Unbounded, Parts.Sum(p => p.Max)));

    public sealed record Choice(IReadOnlyList<RegexNode> Options) : RegexNode(Options.Min(p => p.Min), Options.Max(p => p.Max));

    public sealed record Repeat(RegexNode Part, int MinCount, int MaxCount)
        : RegexNode(Math.Min(Unbounded, Part.Min * MinCount), Math.Min(Unbounded, Part.Max * MaxCount));
}
