namespace PluginHost.Redaction.Tests;

public sealed class TextMaskTests
{
    private static readonly MaskSet Set = new(
        [RegexPattern.Create("ticket", "TCK-[0-9]{6}", 10), new CardPattern(), new EmailPattern(), new PhonePattern()],
        "[{name}]");

    [Theory]
    [InlineData("mail john.doe+x@mail.example.co.uk now", "mail [email] now")]
    [InlineData("<mailto:o'brien_1@example.com>, ok", "<mailto:[email]>, ok")]
    [InlineData("Write to jörg@müller.example.", "Write to [email].")]
    [InlineData("a@b.de,c@d.org;e@f.io", "[email],[email];[email]")]
    [InlineData("a@b.de.c@d.de", "[email].[email]")]
    [InlineData("**x@y.zz** (x@y.zz) \"x@y.zz-\"", "**[email]** ([email]) \"[email]-\"")]
    [InlineData("john@localhost @scope/pkg pkg@1.2.3 a@b.c user@", "john@localhost @scope/pkg pkg@1.2.3 a@b.c user@")]
    public void Email_addresses_are_masked(string text, string masked) => Check(text, masked);

    [Theory]
    [InlineData("card 4111 1111 1111 1111, thanks", "card [card], thanks")]
    [InlineData("4111-1111-1111-1111 378282246310005 3782 822463 10005", "[card] [card] [card]")]
    [InlineData("VISA4111111111111111 exp 12/27", "VISA[card] exp 12/27")]
    [InlineData("4111 1111 1111 1111 123", "[card] 123")]
    [InlineData("4111 1111 1111 1112 and 4111111111111112 are not", "4111 1111 1111 1112 and 4111111111111112 are not")]
    [InlineData("0.4111111111111111 41111111111111111111111", "0.4111111111111111 41111111111111111111111")]
    public void Card_numbers_that_pass_the_Luhn_check_are_masked(string text, string masked) => Check(text, masked);

    [Theory]
    [InlineData("(030 1234567) or (030)1234567/89", "([phone]) or [phone]")]
    [InlineData("+49 (0)30 1234567, (+49) 30 1234567; 0049 30 1234567", "[phone], [phone]; [phone]")]
    [InlineData("call 555-123-4567 x12 or 555-1234.", "call [phone] x12 or [phone].")]
    [InlineData("call 555-123-4567x12 today", "call [phone] today")]
    [InlineData("030 1234567 030 7654321 030 1112223", "[phone] [phone] [phone]")]
    [InlineData("2024-01-15 030 1234567 15.01.2024", "2024-01-15 [phone] 15.01.2024")]
    [InlineData("at 2024-01-15 10:30:00.1234567+02:00, 2024-01-15T10:30:00Z", "at 2024-01-15 10:30:00.1234567+02:00, 2024-01-15T10:30:00Z")]
    [InlineData("192.168.100.200, 10.0.0.0/24, 52.5200066, -13.4050123, 0.8234567123", "192.168.100.200, 10.0.0.0/24, 52.5200066, -13.4050123, 0.8234567123")]
    [InlineData("2019 - 2024, 550e8400-e29b-4123-9123-446655440000", "2019 - 2024, 550e8400-e29b-4123-9123-446655440000")]
    [InlineData("order_1234567890 run123456789abc 1234567 12345678901234567890", "order_1234567890 run123456789abc 1234567 12345678901234567890")]
    [InlineData("1 2 3 4 5 6 7 8 9 and 30. 40. 50. 60.", "1 2 3 4 5 6 7 8 9 and 30. 40. 50. 60.")]
    public void Telephone_numbers_are_masked_and_other_numbers_are_not(string text, string masked) => Check(text, masked);

    [Theory]
    [InlineData("see TCK-123456!", "see [ticket]!")]
    [InlineData("TCK-1234567 TCK-12345", "[ticket]7 TCK-12345")]
    public void Configured_patterns_are_masked(string text, string masked) => Check(text, masked);

    [Fact]
    public void Overlapping_matches_are_replaced_together()
    {
        var set = new MaskSet([RegexPattern.Create("code", "abc 030", 7), new PhonePattern()], "[{name}]");

        Assert.Equal("x [code] y", set.Mask("x abc 030 1234567 y"));
    }

    [Fact]
    public void Text_without_matches_is_returned_as_the_same_string()
    {
        var text = new string("nothing to see, 42 times".ToCharArray());

        Assert.Same(text, Set.Mask(text));
    }

    [Fact]
    public void Text_that_cannot_become_a_match_is_not_held_back()
    {
        var mask = new TextMask(Set);

        Assert.Equal("The answer is: ", mask.Add("The answer is: "));
        Assert.Equal("", mask.Add("TCK-1"));
        Assert.Equal("TCK-1, ", mask.Add(", "));
        Assert.Equal("", mask.Add("john@example"));
        Assert.Equal("[email], ", mask.Add(".com, "));
        Assert.Equal("", mask.Add("030 12"));
        Assert.Equal("[phone]", mask.Add("34567!")[..^1]);
        Assert.Equal(0, mask.HeldLength);
    }

    [Fact]
    public void A_part_after_the_end_starts_another_text()
    {
        var mask = new TextMask(Set);
        mask.Add("john@exam");

        Assert.Equal("john@exam", mask.Finish());
        Assert.Equal("ple.com ", mask.Add("ple.com ") + mask.Finish());
    }

    private static void Check(string text, string masked)
    {
        Assert.Equal(masked, Set.Mask(text));
        for (var cut = 0; cut <= text.Length; cut++)
        {
            var mask = new TextMask(Set);
            Assert.Equal(masked, mask.Add(text.AsSpan(0, cut)) + mask.Add(text.AsSpan(cut)) + mask.Finish());
        }

        var slow = new TextMask(Set);
        Assert.Equal(masked, string.Concat(text.Select(c => slow.Add([c]))) + slow.Finish());
    }
}
