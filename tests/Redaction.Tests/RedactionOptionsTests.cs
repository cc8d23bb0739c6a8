using PluginHost.Conformance;

namespace PluginHost.Redaction.Tests;

public sealed class RedactionOptionsTests : IAsyncDisposable
{
    private readonly TestPluginContext _context = new(Path.GetTempPath(), "redaction");

    [Fact]
    public void An_unknown_mask_is_refused_with_those_that_exist() =>
        Assert.Equal("Mask: 'iban' is not known; allowed are email, phone, card.", Refusal(new(Mask: ["email", "iban"])));

    [Theory]
    [InlineData("TCK-[0-9]{6}", null, "it has no MaxLength")]
    [InlineData("TCK-[0-9]{6}", 0, "MaxLength 0 is out of range; allowed are 1 to 1000")]
    [InlineData("TCK-[0-9]{6}", 1001, "out of range")]
    [InlineData("TCK-[0-9]{6}", 9, "can match up to 10 characters, more than its MaxLength 9")]
    [InlineData("TCK-[0-9]+", 20, "can match any number of characters, more than its MaxLength 20: bound its repetitions")]
    [InlineData("(?:ab|c{2,}){1,2}", 20, "any number of characters")]
    [InlineData("[0-9]{0,6}", 6, "matches empty text too")]
    [InlineData("(?<=a)b", 1, "linear time: do without lookarounds")]
    [InlineData(@"(a)\1", 2, "linear time")]
    [InlineData("a(", 2, "is not a regular expression")]
    [InlineData("(?x)a b", 2, "'(?x' is not supported")]
    [InlineData("", 2, "it has no Regex")]
    public void A_pattern_without_a_bound_is_refused_by_name_with_the_cure(string regex, int? maxLength, string reason)
    {
        var refusal = Refusal(new(Patterns: [new("ticket", regex, maxLength)]));

        Assert.StartsWith("Pattern 'ticket': ", refusal, StringComparison.Ordinal);
        Assert.Contains(reason, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_wrong_is_said_at_once()
    {
        var refusal = Refusal(new(["iban"], [new("a", "x+", 5), new("b", "y"), new("", "z", 1)], null!));

        Assert.All(["'iban'", "Pattern 'a'", "Pattern 'b'", "it has no Name", "Replacement: null"], part => Assert.Contains(part, refusal, StringComparison.Ordinal));
    }

    [Fact]
    public void Two_patterns_of_one_name_are_refused() =>
        Assert.Contains("two of this name", Refusal(new(Patterns: [new("a", "x", 1), new("a", "y", 1)])), StringComparison.Ordinal);

    [Fact]
    public void Nothing_to_mask_is_refused() => Assert.Contains("nothing to mask", Refusal(new(Mask: [])), StringComparison.Ordinal);

    [Fact]
    public void Only_what_is_asked_for_is_masked_and_as_asked()
    {
        var set = MaskSetBuilder.Build(new(["email"], [new("ticket", "(?i)tck-[0-9]{6}", 10)], "<{name}|{name}>"));

        Assert.Equal("<email|email> <ticket|ticket> 030 1234567", set.Mask("a@b.de tck-123456 030 1234567"));
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private string Refusal(RedactionOptions options) => Assert.Throws<ArgumentException>(() => new RedactionMiddleware(options, _context)).Message;
}
