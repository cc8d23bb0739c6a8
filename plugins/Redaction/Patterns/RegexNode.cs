namespace PluginHost.Redaction;

/// <summary>What a regular expression matches, as far as it can be told from the number and the kind of its characters.</summary>
/// <param name="Min">The length of its shortest match.</param>
/// <param name="Max">The length of its longest match; <see cref="Unbounded"/> for no limit.</param>
internal abstract record RegexNode(long Min, long Max)
{
    public const long Unbounded = int.MaxValue;

    /// <summary>One character that passes a test.</summary>
    public sealed record Character(CharTest Test) : RegexNode(1, 1);

    /// <summary>A place, such as a word boundary. Whether it is right there is left open.</summary>
    public sealed record Place() : RegexNode(0, 0);

    public sealed record Sequence(IReadOnlyList<RegexNode> Parts)
        : RegexNode(Math.Min(Unbounded, Parts.Sum(p => p.Min)), Math.Min(Unbounded, Parts.Sum(p => p.Max)));

    public sealed record Choice(IReadOnlyList<RegexNode> Options) : RegexNode(Options.Min(p => p.Min), Options.Max(p => p.Max));

    public sealed record Repeat(RegexNode Part, int Least, int Most)
        : RegexNode(Math.Min(Unbounded, Part.Min * Least), Math.Min(Unbounded, Part.Max * Most));
}
