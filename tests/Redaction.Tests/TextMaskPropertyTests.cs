using System.Text.RegularExpressions;
using CsCheck;

namespace PluginHost.Redaction.Tests;

public sealed class TextMaskPropertyTests
{
    private static readonly MaskSet Set = new(
        [RegexPattern.Create("ticket", "TCK-[0-9]{6}", 10), new CardPattern(), new EmailPattern(), new PhonePattern()],
        "[{name}]");

    /// <summary>Parts that combine to numbers, addresses and near matches.</summary>
    private static readonly Gen<string> NearMatches = Gen.OneOf(
        "0", "1", "49", "123", "2024", "4111", "1111", "123456", "99999999999999999999", "+", "(", ")", "-", ".", "/", " ", " ", " - ", ",", ":",
        "@", "a", "bob", "x12", "_", "de", ".com", "\n", "ä", "TCK-", "2024-01-15", "192.168.1.20", "550e8400-e29b-4123-9123-", "446655440000",
        "030 1234567", "+49 30 ", "555-123-4567", "4111 1111 1111 1111", "378282246310005", "a.b@c.de", "TCK-123456").Array[0, 25].Select(string.Concat);

    private static readonly Gen<(string Text, int[] Cuts)> SplitTexts = NearMatches.SelectMany(WithCuts);

    [Fact]
    public void The_result_does_not_depend_on_how_a_text_is_split_and_the_held_length_is_bounded() => SplitTexts.Sample(
        sample =>
        {
            var bound = Set.Patterns.Max(p => p.MaxHeldLength);
            var (masked, held) = AddAll(Set, sample.Text, sample.Cuts);
            return masked == Set.Mask(sample.Text) && held <= bound;
        },
        iter: 5_000);

    [Fact]
    public void Every_item_is_masked_and_no_other_text_changes() => MaskSamples.Text.SelectMany(t => WithCuts(t.Text).Select(p => (t.Text, t.Expected, p.Cuts))).Sample(
        sample => AddAll(Set, sample.Text, sample.Cuts).Masked == sample.Expected,
        iter: 5_000,
        print: sample => $"{sample.Text} -> {AddAll(Set, sample.Text, sample.Cuts).Masked}, expected {sample.Expected}");

    [Theory]
    [InlineData("ab{1,3}", 4)]
    [InlineData(@"\bab{1,3}\b", 4)]
    [InlineData("^a{1,4}|b$", 4)]
    [InlineData(@"(?m)^[a-c]{1,2}|c$", 2)]
    [InlineData("(?i:AB)|c{2,4}?", 4)]
    [InlineData("\"[^\"]{0,6}\"", 8)]
    [InlineData("[a-c-[b]]{2}(?:b|ccc)?", 5)]
    [InlineData(@"a(?<x>b|\.){2}c?\z|\n.", 4)]
    [InlineData("(?i)k[a\\]]{1,2}(?-i)A", 4)]
    [InlineData(@"(a|ab)(c|bcd)?\B", 5)]
    public void A_configured_pattern_masks_the_same_matches_in_parts_as_in_the_whole_text(string regex, int maxLength)
    {
        var set = new MaskSet([RegexPattern.Create("x", regex, maxLength)], "#");
        var expected = new Regex(regex, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

        Gen.String[Gen.OneOf('a', 'b', 'c', 'd', 'A', 'k', '\u212A', ' ', '.', '"', ']', '\n'), 0, 30].SelectMany(WithCuts).Sample(
            sample =>
            {
                var (masked, held) = AddAll(set, sample.Text, sample.Cuts);
                return masked == expected.Replace(sample.Text, "#") && held <= maxLength + 2;
            },
            iter: 1_000);
    }

    private static Gen<(string Text, int[] Cuts)> WithCuts(string text) =>
        Gen.Int[0, text.Length].Array[0, 12].Select(cuts => (text, cuts.Order().ToArray()));

    private static (string Masked, int HeldLength) AddAll(MaskSet set, string text, int[] cuts)
    {
        var (mask, masked, held, from) = (new TextMask(set), "", 0, 0);
        foreach (var cut in cuts.Append(text.Length))
        {
            masked += mask.Add(text.AsSpan(from, cut - from));
            held = Math.Max(held, mask.HeldLength);
            from = cut;
        }

        return (masked + mask.Finish(), held);
    }
}
