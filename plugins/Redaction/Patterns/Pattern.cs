namespace PluginHost.Redaction;

/// <summary>
/// One kind of text to mask. Immutable, thread-safe and linear in time. A match depends on a bounded number of characters around it,
/// so the result does not depend on how a text is split.
/// </summary>
/// <param name="name">The name in the replacement.</param>
/// <param name="maxHeldLength">The maximum number of undecided characters at the end of a text.</param>
internal abstract class Pattern(string name, int maxHeldLength)
{
    /// <summary>The minimum number of characters that callers keep before a position, unless the text starts later.</summary>
    public const int Context = 64;

    public string Name { get; } = name;

    public int MaxHeldLength { get; } = maxHeldLength;

    /// <summary>Finds the next match.</summary>
    /// <param name="text">The text so far. Decided characters may be cut off at its start.</param>
    /// <param name="position">The index to search from. Earlier characters are context.</param>
    /// <param name="lastEnd">The end of this pattern's last match; negative when it was cut off.</param>
    /// <param name="final">Whether the text is complete.</param>
    /// <returns>
    /// A match that further text cannot change. Without a match, the earliest index at which a match could start when more text
    /// follows; the length of the text when there is no such index or the text is complete.
    /// </returns>
    public abstract ScanResult Next(ReadOnlySpan<char> text, int position, int lastEnd, bool final);
}

/// <summary>A match; or, when <see cref="Start"/> equals <see cref="End"/>, the index before which there is no match.</summary>
internal readonly record struct ScanResult(int Start, int End)
{
    public bool IsMatch => End > Start;

    public static ScanResult NoMatchBefore(int position) => new(position, position);
}
