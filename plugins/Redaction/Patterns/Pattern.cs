namespace PluginHost.Redaction;

/// <summary>
/// One kind of text to mask. Immutable and thread-safe; linear in time. Whether a place matches depends on a bounded
/// number of characters around it alone, which is what makes the result independent of how a text is cut into pieces.
/// </summary>
/// <param name="name">The name, as it appears in the replacement.</param>
/// <param name="maxHeld">How many characters at the end of a text may be undecided at most.</param>
internal abstract class Pattern(string name, int maxHeld)
{
    /// <summary>How many characters before a position the text has at least, unless it begins there.</summary>
    public const int Context = 64;

    public string Name { get; } = name;

    public int MaxHeld { get; } = maxHeld;

    /// <summary>Looks for the next match.</summary>
    /// <param name="text">The text so far, or its end: what was decided long ago is cut off.</param>
    /// <param name="position">No match begins before it; what is there is context.</param>
    /// <param name="lastEnd">Where the last match of this pattern ended; negative when that was long ago.</param>
    /// <param name="final">Whether the text is complete.</param>
    /// <returns>
    /// A match that no further text can change; or, where there is none, the earliest position at which a match could still begin
    /// when more text comes: the text's length when there is no such position, and always when it is complete.
    /// </returns>
    public abstract Scan Next(ReadOnlySpan<char> text, int position, int lastEnd, bool final);
}

/// <summary>What a pattern found: a match when it has a length, otherwise the position up to which there is none.</summary>
internal readonly record struct Scan(int Start, int End)
{
    public bool IsMatch => End > Start;

    public static Scan NoneBefore(int position) => new(position, position);
}
