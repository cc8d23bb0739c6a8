namespace PluginHost.Redaction.Tests;

/// <summary>Large texts that are the worst case of each pattern. A quadratic pattern would time out.</summary>
public sealed class HostileTextTests
{
    private static readonly MaskSet Set = MaskSetBuilder.Build(new(Patterns: [new("quoted", "\"[^\"]{1,98}\"", 100)]));

    [Theory]
    [InlineData("a")]
    [InlineData("a ")]
    [InlineData("a@")]
    [InlineData("a@b.")]
    [InlineData("-@-.")]
    [InlineData("1")]
    [InlineData("1 ")]
    [InlineData("0-")]
    [InlineData("+")]
    [InlineData("+1")]
    [InlineData("(1")]
    [InlineData("(1)")]
    [InlineData("4111 ")]
    [InlineData("030 1234567 ")]
    [InlineData("a0b1c2d3-")]
    [InlineData("\"a")]
    public void A_large_worst_case_text_is_masked_as_a_whole_and_in_parts(string piece)
    {
        Set.Mask(string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length)));

        var text = string.Concat(Enumerable.Repeat(piece, 50_000 / piece.Length));
        var mask = new TextMask(Set);
        var bound = Set.Patterns.Max(p => p.MaxHeldLength);
        var parts = new List<string>();

        foreach (var part in text.Chunk(61))
        {
            parts.Add(mask.Add(part));
            Assert.InRange(mask.HeldLength, 0, bound);
        }

        parts.Add(mask.Finish());
        Assert.Equal(Set.Mask(text), string.Concat(parts));
    }
}
